import { run } from './kubectl';
import { isReady, List, Node } from './objects';
import { until } from './poll';

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
const LOST_SECONDS = 120;

/**
 * What can be done to a node: its power goes; its kubelet hangs, while its pods go on; it is off the network, while its
 * pods go on.
 */
export type NodeFault = 'stop' | 'freeze' | 'cut';

/** The variables with the commands that do it and undo it, to which the node's name is appended. */
const VARIABLES: { readonly [fault in NodeFault]: readonly [string, string] } = {
  stop: ['E2E_NODE_STOP', 'E2E_NODE_START'],
  freeze: ['E2E_NODE_FREEZE', 'E2E_NODE_THAW'],
  cut: ['E2E_NODE_CUT', 'E2E_NODE_HEAL'],
};

/** Nodes, and what can be done to one here. A row that does it is marked `alone`. */
export class Nodes {
  /** What was done and not undone yet. */
  private readonly faults: { readonly name: string; readonly fault: NodeFault }[] = [];

  constructor(private readonly environment: { readonly [variable: string]: string | undefined }) {}

  /** Why a row that needs this cannot be run here; undefined if it can. */
  public lacks(fault: NodeFault): string | undefined {
    const missing = VARIABLES[fault].filter((variable) => (this.environment[variable] ?? '') === '');
    return missing.length === 0 ? undefined : `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set`;
  }

  /** Takes the node's power away, and does what is documented for a node that will not come back soon. */
  public async lose(name: string): Promise<void> {
    await this.begin(name, 'stop');
    await this.countsAsLost(name);
    await run('kubectl', ['taint', 'node', name, `${OUT_OF_SERVICE}=nodeshutdown:NoExecute`, '--overwrite']);
  }

  /** From a loss. */
  public bringBack(name: string): Promise<void> {
    return this.end(name, 'stop');
  }

  /**
   * Its kubelet hangs: what runs there goes on and is reached, and what is deleted there is not ended. Comes back at
   * once.
   */
  public freeze(name: string): Promise<void> {
    return this.begin(name, 'freeze');
  }

  public thaw(name: string): Promise<void> {
    return this.end(name, 'freeze');
  }

  /** Takes it off the network; its pods go on. Comes back at once. */
  public cut(name: string): Promise<void> {
    return this.begin(name, 'cut');
  }

  public heal(name: string): Promise<void> {
    return this.end(name, 'cut');
  }

  /** Waits until Kubernetes has seen that nothing comes from it any more. */
  public async countsAsLost(name: string): Promise<void> {
    await until(`node ${name} counts as lost`, LOST_SECONDS, async () => !isReady(await this.node(name)));
  }

  /** For the end, whatever happened before: undoes what was done last first. */
  public async bringAllBack(): Promise<void> {
    for (const { name, fault } of [...this.faults].reverse()) {
      await this.end(name, fault);
    }
  }

  public async count(): Promise<number> {
    return (JSON.parse(await run('kubectl', ['get', 'nodes', '-o', 'json'])) as List<Node>).items.length;
  }

  private async begin(name: string, fault: NodeFault): Promise<void> {
    const lacking = this.lacks(fault);
    if (lacking !== undefined) {
      throw new Error(lacking);
    }
    this.faults.push({ name, fault }); // first: a command that fails may have done half of it
    await this.command(VARIABLES[fault][0], name);
  }

  private async end(name: string, fault: NodeFault): Promise<void> {
    await this.command(VARIABLES[fault][1], name);
    const index = this.faults.findIndex((done) => done.name === name && done.fault === fault);
    if (index !== -1) {
      this.faults.splice(index, 1);
    }
    if (this.faults.some((done) => done.name === name)) {
      return; // it cannot be ready while another fault lasts
    }
    await until(`node ${name} is ready`, LOST_SECONDS, async () => isReady(await this.node(name)));
    const { spec } = await this.node(name);
    if (spec.taints?.some((taint) => taint.key === OUT_OF_SERVICE) === true) {
      await run('kubectl', ['taint', 'node', name, `${OUT_OF_SERVICE}-`]);
    }
  }

  private command(variable: string, name: string): Promise<string> {
    return run('sh', ['-c', `${this.environment[variable] ?? ''} ${name}`]);
  }

  private async node(name: string): Promise<Node> {
    return JSON.parse(await run('kubectl', ['get', 'node', name, '-o', 'json'])) as Node;
  }
}
