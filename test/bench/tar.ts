import { Cluster } from '../e2e/cluster';
import { Stream } from '../e2e/kubectl';
import { until } from '../e2e/poll';
import { inContainer } from './bench';
import { claimSpec, CONTAINER_SECURITY, IMAGE, POD_SECURITY, serverResources } from './manifests';
import { removeClaim } from './set';

const PORT = 7000;
const DATA = '/data';

/**
 * Accepts one connection, and gives it to tar as its input: nothing stands between the socket and the files. Prints the
 * seconds.
 */
const RECEIVE = `
  use strict; use IO::Socket::INET; use Time::HiRes "time";
  my $server = IO::Socket::INET->new(LocalPort => ${PORT}, Listen => 1, ReuseAddr => 1) or die $!;
  $| = 1;
  print "listening\\n";
  my $connection = $server->accept;
  my $begin = time;
  open STDIN, "<&", $connection or die $!;
  mkdir "${DATA}/files"; # the volume's own folder is not ours to change
  system("tar", "-x", "-C", "${DATA}/files") == 0 or die "tar: $?";
  system("sync", "-f", "${DATA}") == 0 or die "sync";
  print time - $begin, "\\n";`;

interface TarProps {
  readonly storageClassName: string;
  readonly gibibytes: number;
}

/** What two volumes can do: files that tar sends from one to the other over plain TCP, synced at the end. */
export class TarPair {
  private target = 0;

  constructor(
    private readonly cluster: Cluster,
    private readonly props: TarProps,
  ) {}

  /** The pod with the files, on this node. @param fill makes them in the current directory */
  public async source(node: string, fill: string): Promise<number> {
    await this.add('tar-source', node);
    await this.execute('tar-source', `mkdir ${DATA}/files && cd ${DATA}/files && ${fill} && sync -f .`);
    return Number(await this.execute('tar-source', `du -sb ${DATA}/files | cut -f1`));
  }

  /** To a new volume on this node. Gives the seconds. */
  public async move(node: string): Promise<number> {
    const name = `tar-target-${this.target++}`;
    await this.add(name, node);
    const { podIP } = (await this.cluster.pod(name)).status;
    const lines: string[] = [];
    const receiver = new Stream(['exec', '-n', this.cluster.namespace, name, '--', 'perl', '-e', RECEIVE], (line) =>
      lines.push(line),
    );
    await until('the receiver listens', 30, () => Promise.resolve(lines.length > 0));
    await this.execute('tar-source', `tar -c -C ${DATA}/files . >/dev/tcp/${podIP}/${PORT}`);
    await receiver.ended;
    await this.remove(name);
    if (lines.length < 2) {
      throw new Error(`the receiver ended early: ${receiver.complaint}`);
    }
    return Number(lines[1]);
  }

  private async execute(pod: string, script: string): Promise<string> {
    return inContainer(this.cluster, pod, 'tar', `set -e; ${script}`);
  }

  private async add(name: string, node: string): Promise<void> {
    await this.cluster.apply(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec: claimSpec(this.props) },
          {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name },
            spec: {
              terminationGracePeriodSeconds: 0,
              automountServiceAccountToken: false,
              nodeSelector: { 'kubernetes.io/hostname': node },
              securityContext: POD_SECURITY,
              containers: [
                {
                  name: 'tar',
                  image: IMAGE,
                  command: ['sleep', 'infinity'],
                  // As much page cache as the server has, no more.
                  resources: serverResources({ name, replicas: 1, ...this.props }),
                  securityContext: CONTAINER_SECURITY,
                  volumeMounts: [{ name: 'data', mountPath: DATA }],
                },
              ],
              volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
            },
          },
        ],
      }),
    );
    await this.cluster.kubectl('wait', 'pod', name, '--for=condition=Ready', '--timeout=120s');
  }

  private async remove(name: string): Promise<void> {
    await this.cluster.kubectl('delete', 'pod', name, '--wait=true');
    await removeClaim(this.cluster, name);
  }
}
