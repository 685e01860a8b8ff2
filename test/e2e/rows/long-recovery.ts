import { Duration } from 'cdk8s';
import { Context } from '../context';
import { isReady, Pod } from '../objects';
import { check, until } from '../poll';
import { Row } from './row';

/** As little as a server may need until it listens, when it has nothing to recover and so little CPU. */
const STARTUP = Duration.seconds(30);
/** What the server gets while it recovers. */
const CPU = '100m';
const RECOVERY_SECONDS = 400;

/**
 * A server that recovers from a crash for longer than a start may take is not killed for that, or it would recover for
 * ever.
 */
export const longRecovery: Row = {
  name: 'long-recovery',
  title: 'long crash recovery',
  slow: 'a recovery that takes longer than the startup timeout',
  async run(context) {
    const { system, database, log } = context;
    if (database.burdenRecovery === undefined) {
      return 'the engine has no crash recovery that could be made long';
    }
    context.discard();
    await context.apply(1, { startupTimeout: STARTUP, parameters: system.driver.recoveryParameters });
    await system.rolledOut();
    const [former] = await system.ready(1);
    await slowNextPod(context);
    await context.whileWriting((writer) =>
      system.watching(async (watch) => {
        await database.burdenRecovery?.();
        await system.kill(0);
        const pod = await watch.successor(
          system.podName(0),
          [former.metadata.uid],
          RECOVERY_SECONDS,
          (candidate) => isReady(candidate) || restarts(candidate) > 0,
        );
        const lasted = secondsToReady(pod, system.driver.container);
        check(restarts(pod) === 0, `the server was killed while it recovered: ${restarts(pod)} restarts`);
        log(`ready ${lasted} s after the server had begun to recover; a start may take ${STARTUP.toSeconds()} s`);
        await writer.goesOn(60);
        await writer.nothingLost(0);
        check(
          lasted > STARTUP.toSeconds() + 5,
          `it recovered in ${lasted} s, and so no longer than a start may take: nothing was tested`,
        );
      }),
    );
    return undefined;
  },
};

function restarts({ status }: Pod): number {
  return (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
}

/** By the kubelet's clock: its reports come late. */
function secondsToReady({ status }: Pod, container: string): number {
  const started = status.containerStatuses?.find(({ name }) => name === container)?.state.running?.startedAt ?? '';
  const ready = status.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '';
  return (Date.parse(ready) - Date.parse(started)) / 1000;
}

/** The pod that there is stays as it is; its successor's server gets little of the CPU. */
async function slowNextPod({ system, cluster }: Context): Promise<void> {
  const { setName, container } = system.driver;
  await cluster.kubectl(
    'patch',
    'statefulset',
    setName,
    '-p',
    JSON.stringify({
      spec: {
        updateStrategy: { type: 'OnDelete', rollingUpdate: null },
        template: {
          spec: { containers: [{ name: container, resources: { requests: { cpu: '10m' }, limits: { cpu: CPU } } }] },
        },
      },
    }),
  );
  await until('the controller has seen the other template', 30, async () => {
    const { metadata, status } = JSON.parse(
      await cluster.kubectl('get', 'statefulset', setName, '-o', 'json'),
    ) as Workload;
    return status.observedGeneration === metadata.generation && status.updateRevision !== status.currentRevision;
  });
}

interface Workload {
  readonly metadata: { readonly generation: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly currentRevision?: string;
    readonly updateRevision?: string;
  };
}
