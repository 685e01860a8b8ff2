import { Cluster } from './cluster';
import { until } from './poll';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from './restricted';
import { StoreProxy } from './store-proxy';

const NAME = 'store';
const [KEY, SECRET] = ['e2e-access', 'e2e-secret-of-the-store'];
const PORT = 8000;

/** An object store in the namespace, that speaks S3: rclone's own, on a folder that goes with its pod. */
export class Store {
  /** Where it answers, and the Secret with its keys, as `BackupStore.s3` takes them. */
  public static readonly OPTIONS = {
    bucket: 'backups',
    endpoint: `http://${NAME}:${PORT}`,
    region: 'us-east-1',
    secretName: NAME,
    provider: 'Rclone',
  };

  constructor(private readonly cluster: Cluster) {}

  public async start(): Promise<void> {
    const container = (name: string, command: string[]): object => ({
      name,
      image: 'rclone/rclone:1',
      imagePullPolicy: 'IfNotPresent',
      command,
      securityContext: RESTRICTED_CONTAINER,
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    });
    await this.cluster.apply(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          {
            apiVersion: 'v1',
            kind: 'Secret',
            metadata: { name: NAME },
            stringData: { 'access-key-id': KEY, 'secret-access-key': SECRET },
          },
          {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name: NAME },
            spec: { selector: { app: NAME }, ports: [{ port: PORT }] },
          },
          {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: NAME, labels: { app: NAME } },
            spec: {
              securityContext: RESTRICTED_POD,
              initContainers: [container('bucket', ['mkdir', '-p', '/data/backups'])],
              containers: [
                {
                  ...container('store', [
                    'rclone',
                    '--cache-dir',
                    '/data/.cache',
                    'serve',
                    's3',
                    '--auth-key',
                    `${KEY},${SECRET}`,
                    '--addr',
                    `:${PORT}`,
                    '/data',
                  ]),
                  readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 },
                },
              ],
              volumes: [{ name: 'data', emptyDir: {} }],
            },
          },
        ],
      }),
    );
    await this.cluster.kubectl('wait', '--for=condition=Ready', `pod/${NAME}`, '--timeout=60s');
  }

  /** Its files below the bucket. */
  public async files(): Promise<string[]> {
    return (await this.sh('cd /data/backups && find . -type f'))
      .split('\n')
      .filter((path) => path !== '')
      .map((path) => path.slice(2));
  }

  /** Chunks that the index of a backup names, and that are not there. */
  public async missingChunks(): Promise<string[]> {
    const script =
      'cd /data/backups && find . -path "*/base/*/index" | while read -r index; do\n' +
      'sed -n "s/^chunk \\([0-9]*\\) .*/\\1/p" "$index" | while read -r chunk; do [ -f "${index%/index}/$chunk" ] || echo "${index%/index}/$chunk"; done\ndone';
    return (await this.sh(script)).split('\n').filter((path) => path !== '');
  }

  /** Changes one byte in the middle of one, whatever it is, as a bad disk would. */
  public async damage(path: string): Promise<void> {
    const script =
      'byte=$(dd if="$1" bs=1 skip=1000 count=1 2>/dev/null | od -An -tu1)\n' +
      'printf "\\\\$(printf %o $(((byte + 1) % 256)))" | dd of="$1" bs=1 seek=1000 conv=notrunc 2>/dev/null\n' +
      '[ "$(dd if="$1" bs=1 skip=1000 count=1 2>/dev/null | od -An -tu1)" -eq $(((byte + 1) % 256)) ]';
    await this.sh(script, `/data/backups/${path}`);
  }

  /** Stands in its place from now on. */
  public async behindProxy(): Promise<StoreProxy> {
    const proxy = new StoreProxy(this.cluster, { name: NAME, port: PORT });
    await proxy.start();
    return proxy;
  }

  /**
   * Copies a backup, whose index then says that it ended as long ago. By the store itself, which remembers what it has.
   * @returns its name
   */
  public async age(path: string, days: number): Promise<string> {
    const ended = `${new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 19)}Z`;
    const name = ended.replace(/[-:]/g, '');
    const folder = path.slice(0, path.lastIndexOf('/'));
    const remote = `:s3,provider=Rclone,endpoint='http://127.0.0.1:${PORT}',access_key_id=${KEY},secret_access_key=${SECRET},region=us-east-1,no_check_bucket=true:backups`;
    await this.sh(
      'rm -rf /data/.aged && cp -r "$1" /data/.aged && cd /data/.aged && sed -i \'$d; s/^ended .*/ended \'"$2"\'/\' index ' +
        '&& sum=$(sha256sum <index) && echo "sum ${sum%% *}" >>index && rclone --config /data/.none --cache-dir /data/.cache copy . "$3"',
      `/data/backups/${path}`,
      ended,
      `${remote}/${folder}/${name}`,
    );
    return name;
  }

  /** Nobody reaches it, until the work is done. */
  public async whileAway<T>(work: () => Promise<T>): Promise<T> {
    const port = (to: number): string => JSON.stringify({ spec: { ports: [{ port: PORT, targetPort: to }] } });
    await this.cluster.kubectl('patch', 'service', NAME, '-p', port(PORT + 1));
    try {
      return await work();
    } finally {
      await this.cluster.kubectl('patch', 'service', NAME, '-p', port(PORT));
    }
  }

  private sh(script: string, ...args: string[]): Promise<string> {
    return this.cluster.kubectl('exec', NAME, '--', 'sh', '-c', script, 'sh', ...args);
  }
}

/** Makes a job from a CronJob, which is not tried again. @returns its name */
export async function startJob(cluster: Cluster, cronJob: string): Promise<string> {
  const name = `${cronJob}-${Date.now().toString(36)}`;
  const job = JSON.parse(
    await cluster.kubectl('create', 'job', `--from=cronjob/${cronJob}`, name, '--dry-run=client', '-o', 'json'),
  ) as { spec: { backoffLimit: number } };
  job.spec.backoffLimit = 0;
  await cluster.apply(JSON.stringify(job));
  return name;
}

/** Kills the pod of a job, and takes the job away: no other pod comes. */
export async function killJob(cluster: Cluster, name: string): Promise<void> {
  await cluster.kubectl('delete', 'job', name, '--cascade=orphan', '--wait=true');
  await cluster.kubectl(
    'delete',
    'pod',
    '-l',
    `batch.kubernetes.io/job-name=${name}`,
    '--grace-period=0',
    '--force',
    '--wait=true',
  );
}

/** Makes a job from a CronJob, waits for its end, and gives what it logged. Fails if it fails. */
export async function runJob(cluster: Cluster, cronJob: string, seconds: number): Promise<string> {
  const name = await startJob(cluster, cronJob);
  let state = '';
  await until(`the job ${name} has ended`, seconds, async () => {
    state = await cluster.kubectl('get', 'job', name, '-o', 'jsonpath={.status.conditions[?(@.status=="True")].type}');
    return /Complete|Failed/.test(state);
  });
  const log = await cluster.kubectl('logs', `job/${name}`);
  if (!state.includes('Complete')) throw new Error(`the job ${name} failed:\n${log}`);
  return log;
}
