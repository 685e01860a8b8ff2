import { run } from './kubectl';
import { isReady, List, Node } from './objects';
import { until } from './poll';

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** Nodes, and the commands that stop and start one, to which its name is appended. */
export class Nodes {
  private readonly stopped = new Set<string>();

  constructor(private readonly stopCommand: string, private readonly startCommand: string) {}

  /** Takes the node's power away, and does what is documented for a node that will not come back soon. */
  public async lose(name: string): Promise<void> {
    this.stopped.add(name);
    await run('sh', ['-c', `${this.stopCommand} ${name}`]);
    await until(`node ${name} counts as lost`, 120, async () => !isReady(await this.node(name)));
    await run('kubectl', ['taint', 'node', name, `${OUT_OF_SERVICE}=nodeshutdown:NoExecute`, '--overwrite']);
  }

  public async bringBack(name: string): Promise<void> {
    await run('sh', ['-c', `${this.startCommand} ${name}`]);
    await until(`node ${name} is ready`, 120, async () => isReady(await this.node(name)));
    const { spec } = await this.node(name);
    if (spec.taints?.some((taint) => taint.key === OUT_OF_SERVICE) === true) {
      await run('kubectl', ['taint', 'node', name, `${OUT_OF_SERVICE}-`]);
    }
    this.stopped.delete(name);
  }

  /** For the end, whatever happened before. */
  public async bringAllBack(): Promise<void> {
    for (const name of [...this.stopped]) {
      await this.bringBack(name);
    }
  }

  public async count(): Promise<number> {
    return (JSON.parse(await run('kubectl', ['get', 'nodes', '-o', 'json'])) as List<Node>).items.length;
  }

  private async node(name: string): Promise<Node> {
    return JSON.parse(await run('kubectl', ['get', 'node', name, '-o', 'json'])) as Node;
  }
}
