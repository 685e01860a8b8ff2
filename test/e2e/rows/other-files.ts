import { Context } from '../context';
import { check, until } from '../poll';
import { Row } from './row';

/** As most charts lay a database down; our own files are beside them, never among them. */
const FILE = 'pgdata/PG_VERSION';
const CONTENT = '9.6 precious';

/**
 * Promise 13: a volume of ordinal 0 that holds another installation's files is neither overwritten nor ignored. A
 * person says what becomes of them.
 */
export const otherFiles: Row = {
  name: 'other-files',
  title: 'files of another installation',
  async run(context) {
    const { system, cluster, database, log } = context;
    context.discard();
    await system.deleteAll();
    await fill(context);
    await context.apply(3);
    const line = await until('the log of ordinal 0 says what is on its volume', 60, async () => {
      const served = await database.identity(0).catch(() => undefined);
      check(served === undefined, `a new database, ${served}, was made beside the files of another installation`);
      return (await system.prepareLog(0))
        .split('\n')
        .find((candidate) => candidate.includes('STOPPED') && candidate.includes('pgdata'));
    });
    log(line);
    const mount = await volumePath(context);
    const inside = (command: string): Promise<string> =>
      cluster.kubectl('exec', system.podName(0), '-c', 'prepare', '--', 'sh', '-c', command);
    check((await inside(`cat ${mount}/${FILE}`)) === CONTENT, 'the file is not what it was');

    await inside(`rm -r ${mount}/${FILE.split('/')[0]}`);
    await system.ready(3);
    await context.following(3);
    return undefined;
  },
};

/** Makes the claim that the set will take for its own, with a file on it. */
async function fill({ system, cluster, storageClassName }: Context): Promise<void> {
  const pod = 'another-installation';
  await cluster.apply(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: system.claimName(0) },
      spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
    }),
  );
  await cluster.apply(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: pod },
      spec: {
        restartPolicy: 'Never',
        automountServiceAccountToken: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 999,
          runAsGroup: 999,
          fsGroup: 999,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [
          {
            name: 'fill',
            image: system.driver.image,
            command: [
              'sh',
              '-c',
              `mkdir -p "/data/$(dirname ${FILE})" && printf %s '${CONTENT}' >/data/${FILE} && sync`,
            ],
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            volumeMounts: [{ name: 'data', mountPath: '/data' }],
          },
        ],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: system.claimName(0) } }],
      },
    }),
  );
  await cluster.kubectl('wait', 'pod', pod, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=90s');
  await cluster.kubectl('delete', 'pod', pod, '--wait=true');
}

/** Where the set's containers have the volume. */
async function volumePath({ system }: Context): Promise<string> {
  const [pod] = await system.pods();
  const path = pod.spec.initContainers?.[0].volumeMounts?.find(({ name }) => name === 'data')?.mountPath;
  check(path !== undefined, 'no volume is mounted');
  return path;
}
