import { Context } from '../context';
import { atInterruption } from '../interruption';
import { run } from '../kubectl';
import { check } from '../poll';

/** The name of the node that a pod of the set runs on. */
export async function nodeOf({ system }: Context, ordinal: number): Promise<string> {
  const name = (await system.pods())[ordinal].spec.nodeName;
  check(name !== undefined, `${system.podName(ordinal)} runs nowhere`);
  return name;
}

/** No new pod is placed on the node while the work is done; nor for longer, where a signal ends the suite. */
export async function cordoned<T>(node: string, work: () => Promise<T>): Promise<T> {
  const uncordon = async (): Promise<void> => {
    await run('kubectl', ['uncordon', node]);
  };
  const done = atInterruption(uncordon);
  try {
    await run('kubectl', ['cordon', node]);
    return await work();
  } finally {
    await uncordon();
    done();
  }
}

/** The node's kubelet hangs while the work is done: deleted pods go on there, and new ones are placed elsewhere. */
export function whileFrozen<T>({ nodes }: Context, node: string, work: () => Promise<T>): Promise<T> {
  return cordoned(node, async () => {
    try {
      await nodes.freeze(node);
      return await work();
    } finally {
      await nodes.thaw(node);
    }
  });
}

/** The node is off the network while the work is done: its pods go on, and nobody hears of them. */
export async function whileCut<T>({ nodes }: Context, node: string, work: () => Promise<T>): Promise<T> {
  try {
    await nodes.cut(node);
    return await work();
  } finally {
    await nodes.heal(node);
  }
}

/** The pod of this ordinal runs on a node without the others' pods: it is deleted and placed again until that is so. */
export async function apart(context: Context, ordinal: number, others: number[]): Promise<string> {
  const { system } = context;
  const node = await nodeOf(context, ordinal);
  const taken = await Promise.all(others.map((other) => nodeOf(context, other)));
  if (!taken.includes(node)) {
    return node;
  }
  const pods = await system.pods();
  await cordoned(node, () =>
    system.watching(async (watch) => {
      await system.cluster.kubectl('delete', 'pod', system.podName(ordinal), '--wait=false');
      await system.readyIn(watch, pods.length, [pods[ordinal].metadata.uid]);
    }),
  );
  const now = await nodeOf(context, ordinal);
  check(!taken.includes(now), `${system.podName(ordinal)} shares the node ${now}, with as many nodes as there are`);
  return now;
}
