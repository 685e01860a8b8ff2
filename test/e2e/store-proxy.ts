import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster } from './cluster';
import { until } from './poll';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from './restricted';

const NAME = 'store-proxy';
const BEHIND = 'store-itself';
const SCRIPT = readFileSync(join(__dirname, 'store-proxy.pl'), 'utf8');
/** One that has perl. */
const IMAGE = 'postgres:18';

/** What it does to requests, by `METHOD /path`. */
export interface Fault {
  readonly kind: 'count' | 'status' | 'cut' | 'slow' | 'hold' | 'keep';
  readonly requests: RegExp;
  /** The status, bytes, bytes a second, or which request. */
  readonly number: number;
}

/** Stands between a set and its store, under the store's name, and fails as it is told. */
export class StoreProxy {
  constructor(
    private readonly cluster: Cluster,
    private readonly store: { readonly name: string; readonly port: number },
  ) {}

  public async start(): Promise<void> {
    const { name, port } = this.store;
    await this.cluster.apply(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name: BEHIND },
            spec: { selector: { app: name }, ports: [{ port }] },
          },
          {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: NAME, labels: { app: NAME } },
            spec: {
              securityContext: RESTRICTED_POD,
              containers: [
                {
                  name: 'proxy',
                  image: IMAGE,
                  imagePullPolicy: 'IfNotPresent',
                  command: ['perl', '-e', SCRIPT, String(port), BEHIND, String(port)],
                  securityContext: RESTRICTED_CONTAINER,
                  volumeMounts: [{ name: 'run', mountPath: '/run/proxy' }],
                  readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
                },
              ],
              volumes: [{ name: 'run', emptyDir: {} }],
              terminationGracePeriodSeconds: 0,
            },
          },
        ],
      }),
    );
    await this.cluster.kubectl('wait', '--for=condition=Ready', `pod/${NAME}`, '--timeout=60s');
    await this.cluster.kubectl('patch', 'service', name, '-p', JSON.stringify({ spec: { selector: { app: NAME } } }));
  }

  /** From now on, instead of what it did before; nothing, if not said. */
  public async fail(fault?: Fault): Promise<void> {
    const line = fault === undefined ? '' : `${fault.kind} ${fault.requests.source} ${fault.number}`;
    await this.sh('cd /run/proxy && rm -f seen held gone && printf "%s\\n" "$1" >next && mv next fault', line);
  }

  /** The request that it holds, if it does. */
  public async held(): Promise<string | undefined> {
    const line = (await this.sh('cat /run/proxy/held 2>/dev/null || true')).trim();
    return line === '' ? undefined : line;
  }

  /** Comes back when the process whose request it holds is gone: a pod's object is before that. */
  public async untilGone(): Promise<void> {
    await until(
      'the process whose request is held is gone',
      60,
      async () => (await this.sh('ls /run/proxy/gone 2>/dev/null || true')) !== '',
    );
  }

  /** The requests that it has failed, or counted, since it was told to. */
  public async seen(): Promise<string[]> {
    return (await this.sh('cat /run/proxy/seen 2>/dev/null || true')).split('\n').filter((line) => line !== '');
  }

  private sh(script: string, ...args: string[]): Promise<string> {
    return this.cluster.kubectl('exec', NAME, '--', 'sh', '-c', script, 'sh', ...args);
  }
}
