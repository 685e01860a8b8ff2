import { Cluster } from '../e2e/cluster';
import { Store } from '../e2e/store';
import { inContainer } from './bench';
import { claimSpec, CONTAINER_SECURITY, IMAGE, POD_SECURITY, serverResources } from './manifests';

const POD = 'plain';
const DATA = '/data';
const RCLONE = '/opt/rclone/rclone';
const { bucket, endpoint, provider, region, secretName } = Store.OPTIONS;

interface PlainStoreProps {
  readonly storageClassName: string;
  readonly gibibytes: number;
}

/**
 * What a person would do by hand: tar into the store by rclone, and back out of it, with a volume as the server has.
 */
export class PlainStore {
  constructor(
    private readonly cluster: Cluster,
    private readonly props: PlainStoreProps,
  ) {}

  /** @param fill makes the files in the current directory. @returns their bytes */
  public async start(fill: string): Promise<number> {
    const key = (name: string, secretKey: string): object => ({
      name: `RCLONE_CONFIG_STORE_${name}`,
      valueFrom: { secretKeyRef: { name: secretName, key: secretKey } },
    });
    const option = (name: string, value: string): object => ({ name: `RCLONE_CONFIG_STORE_${name}`, value });
    const program = { name: 'rclone', mountPath: '/opt/rclone' };
    await this.cluster.apply(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: POD }, spec: claimSpec(this.props) },
          {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: POD },
            spec: {
              terminationGracePeriodSeconds: 0,
              automountServiceAccountToken: false,
              securityContext: POD_SECURITY,
              initContainers: [
                {
                  name: 'program',
                  image: 'rclone/rclone:1',
                  imagePullPolicy: 'IfNotPresent',
                  command: ['cp', '/usr/local/bin/rclone', RCLONE],
                  securityContext: CONTAINER_SECURITY,
                  volumeMounts: [program],
                },
              ],
              containers: [
                {
                  name: 'plain',
                  image: IMAGE,
                  command: ['sleep', 'infinity'],
                  env: [
                    option('TYPE', 's3'),
                    option('PROVIDER', provider),
                    option('ENDPOINT', endpoint),
                    option('REGION', region),
                    option('NO_CHECK_BUCKET', 'true'),
                    key('ACCESS_KEY_ID', 'access-key-id'),
                    key('SECRET_ACCESS_KEY', 'secret-access-key'),
                  ],
                  resources: serverResources({ name: POD, replicas: 1, ...this.props }),
                  securityContext: CONTAINER_SECURITY,
                  volumeMounts: [{ name: 'data', mountPath: DATA }, program],
                },
              ],
              volumes: [
                { name: 'data', persistentVolumeClaim: { claimName: POD } },
                { name: 'rclone', emptyDir: {} },
              ],
            },
          },
        ],
      }),
    );
    await this.cluster.kubectl('wait', 'pod', POD, '--for=condition=Ready', '--timeout=120s');
    await this.execute(`mkdir ${DATA}/files && cd ${DATA}/files && ${fill} && sync -f .`);
    return Number(await this.execute(`du -sb ${DATA}/files | cut -f1`));
  }

  /** Seconds until the store has everything, by this name. */
  public put(name: string): Promise<number> {
    return this.timed(`tar -c -C ${DATA}/files . | ${RCLONE} rcat store:${bucket}/plain/${name}`);
  }

  /** Seconds until everything is on the volume again, synced. */
  public async get(name: string): Promise<number> {
    await this.execute(`rm -rf ${DATA}/back && mkdir ${DATA}/back`);
    return this.timed(`${RCLONE} cat store:${bucket}/plain/${name} | tar -x -C ${DATA}/back && sync -f ${DATA}`);
  }

  private async timed(script: string): Promise<number> {
    return (
      Number(await this.execute(`begin=\${EPOCHREALTIME/./}; ${script}; echo $((\${EPOCHREALTIME/./} - begin))`)) / 1e6
    );
  }

  private async execute(script: string): Promise<string> {
    return (await inContainer(this.cluster, POD, 'plain', `set -eo pipefail; ${script}`)).trim();
  }
}
