import { Cluster } from './cluster';
import { Pod } from './objects';
import { messageOf } from './poll';

const LOG_LINES = 15;
/** What each process of a container is at, and which signals it has not taken yet: of a pod that does not end. */
const PROCESSES =
  'for p in /proc/[0-9]*; do echo "$p $(tr "\\0" " " <$p/cmdline | cut -c1-120)"; grep -E "^(State|PPid|SigQ|SigPnd|ShdPnd|SigBlk|SigIgn|SigCgt)" $p/status | tr "\\n\\t" "  "; echo; done 2>/dev/null';
const EVENT_LINES = 25;

/** What a person would look at first: the pods, the last lines of each container, what Kubernetes tells. */
export async function diagnosis(cluster: Cluster): Promise<string> {
  const part = (title: string, text: Promise<string>): Promise<string> =>
    text.then(
      (value) => `--- ${title}\n${value.trimEnd()}`,
      (error: unknown) => `--- ${title}: ${messageOf(error)}`,
    );
  const pods = await cluster.pods().catch((): Pod[] => []);
  const parts = [
    part('pods', cluster.kubectl('get', 'pods', '-o', 'wide')),
    part('claims', cluster.kubectl('get', 'pvc')),
    ...pods.flatMap((pod) =>
      [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])].flatMap((status) => {
        const log = (...more: string[]): Promise<string> =>
          cluster.kubectl('logs', pod.metadata.name, '-c', status.name, `--tail=${LOG_LINES}`, ...more);
        const title = `log of ${pod.metadata.name}, ${status.name}`;
        const state = Object.keys(status.state).join();
        const processes =
          pod.metadata.deletionTimestamp === undefined || status.state.running === undefined
            ? []
            : [
                part(
                  `processes of ${pod.metadata.name}, ${status.name}`,
                  cluster.kubectl('exec', pod.metadata.name, '-c', status.name, '--', 'sh', '-c', PROCESSES),
                ),
              ];
        return [
          ...processes,
          ...(status.restartCount === 0
            ? [part(`${title} (${state})`, log())]
            : [
                part(`${title}, before its last restart`, log('--previous')),
                part(`${title} (${state}, ${status.restartCount} restarts)`, log()),
              ]),
        ];
      }),
    ),
    part(
      'events',
      cluster
        .kubectl('get', 'events', '--sort-by=.lastTimestamp')
        .then((text) => text.split('\n').slice(-EVENT_LINES).join('\n')),
    ),
  ];
  return (await Promise.all(parts)).join('\n');
}
