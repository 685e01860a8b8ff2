import { Cluster } from './cluster';
import { Stream } from './kubectl';
import { Pod } from './objects';
import { within } from './poll';

export interface Reply {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The reply, or an error that says what the client said. */
export function succeeded(reply: Reply): Reply {
  if (reply.code !== 0) {
    throw new Error(`${reply.out}${reply.err}`.trim() || `exit code ${reply.code}`);
  }
  return reply;
}

/**
 * What the client pod needs to know: an image that has the engine's own client, and passwords from the Secret by
 * variable.
 */
export interface ClientProps {
  readonly image: string;
  readonly secretName: string;
  readonly environment: { readonly [variable: string]: string };
}

export const CLIENT_POD = 'client';
const REPLY_SECONDS = 120;
const ALIVE_SECONDS = 20;

/**
 * A shell in the client pod that answers many requests: a `kubectl exec` for each would keep two cores busy with
 * starting things. One line a request, `ID BASE64-SCRIPT`; one line a reply, `ID CODE =BASE64-OUT =BASE64-ERR`.
 * Requests run side by side; their ends come through a pipe to the one process that writes replies.
 */
const SHELL = `
replies=$(mktemp -u)
mkfifo "$replies"
exec 9<>"$replies"
while read -r -u 9 id code; do
  printf '%s %s =%s =%s\\n' "$id" "$code" "$(base64 -w0 </tmp/$id.out)" "$(base64 -w0 </tmp/$id.err)"
  rm /tmp/$id.out /tmp/$id.err
done &
while IFS= read -r line; do
  (
    id=\${line%% *}
    base64 -d <<<"\${line#* }" | bash >/tmp/$id.out 2>/tmp/$id.err 9>&-
    echo "$id $?" >&9
  ) </dev/null &
done
kill %1`;

/**
 * What ends a stream's script with the stream: the end of its input. A killed \`kubectl exec\` alone would leave it
 * running.
 */
const END_WITH_INPUT = 'exec 3<&0; (cat <&3 >/dev/null; kill -KILL 0) & exec </dev/null\n';

/** A pod in the set's namespace from which everything is seen as an application would see it. */
export class Client {
  private shell?: Stream;
  private requests = 0;
  private readonly pending = new Map<string, (reply: Reply) => void>();

  constructor(
    private readonly cluster: Cluster,
    private readonly props: ClientProps,
  ) {}

  /** @param node on which it must not run: one that is about to be stopped */
  public async start(node?: string): Promise<void> {
    await this.cluster.apply(JSON.stringify(clientPod(this.props, node)));
    await this.cluster.kubectl('wait', 'pod', CLIENT_POD, '--for=condition=Ready', '--timeout=60s');
  }

  /**
   * Begins anew if it is gone, or does not answer: nobody else does for a pod that stands alone, and others may have
   * taken its node away.
   */
  public async ensure(): Promise<void> {
    const answers = await within('an answer from the client pod', ALIVE_SECONDS, this.run('true')).then(
      ({ code }) => code === 0,
      () => false,
    );
    if (!answers) {
      await this.shell?.kill();
      await this.cluster.kubectl(
        'delete',
        'pod',
        CLIENT_POD,
        '--grace-period=0',
        '--force',
        '--wait=true',
        '--ignore-not-found',
      );
      await this.start();
    }
  }

  /** Moves to another node if it runs on this one. */
  public async leave(node: string): Promise<void> {
    const pod: Pod = await this.cluster.pod(CLIENT_POD);
    if (pod.spec.nodeName === node) {
      await this.shell?.stop();
      await this.cluster.kubectl('delete', 'pod', CLIENT_POD, '--wait=true');
      await this.start(node);
    }
  }

  public async stop(): Promise<void> {
    await this.shell?.stop();
  }

  /** Runs a script in the pod. The exit code is part of the answer and no error. */
  public run(script: string): Promise<Reply> {
    this.shell ??= this.open();
    const id = String(this.requests++);
    const reply = new Promise<Reply>((resolve) => this.pending.set(id, resolve));
    this.shell.write(`${id} ${Buffer.from(script).toString('base64')}\n`);
    return within(`an answer from the client pod to: ${script.slice(0, 200)}`, REPLY_SECONDS, reply);
  }

  /** Runs a script that goes on until it is stopped, and gives each line that it prints. */
  public stream(script: string, onLine: (line: string) => void): Stream {
    return new Stream(
      ['exec', '-i', '-n', this.cluster.namespace, CLIENT_POD, '--', 'bash', '-c', END_WITH_INPUT + script],
      onLine,
    );
  }

  private open(): Stream {
    const shell = new Stream(
      ['exec', '-i', '-n', this.cluster.namespace, CLIENT_POD, '--', 'bash', '-c', SHELL],
      (line) => {
        const [id = '', code, out = '', err = ''] = line.split(' ');
        this.pending.get(id)?.({ code: Number(code), out: decode(out), err: decode(err) });
        this.pending.delete(id);
      },
    );
    void shell.ended.then(() => {
      this.shell = undefined;
      this.pending.forEach((resolve) =>
        resolve({ code: 255, out: '', err: `the shell in the client pod ended: ${shell.complaint}` }),
      );
      this.pending.clear();
    });
    return shell;
  }
}

function decode(field: string): string {
  return Buffer.from(field.slice(1), 'base64').toString();
}

function clientPod(props: ClientProps, node: string | undefined): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: CLIENT_POD },
    spec: {
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: 'RuntimeDefault' } },
      affinity:
        node === undefined
          ? undefined
          : {
              nodeAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: {
                  nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: [node] }] }],
                },
              },
            },
      containers: [
        {
          name: 'client',
          image: props.image,
          command: ['sleep', 'infinity'],
          env: Object.entries(props.environment).map(([name, key]) => ({
            name,
            valueFrom: { secretKeyRef: { name: props.secretName, key } },
          })),
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}
