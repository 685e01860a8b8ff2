import { Result, Sandbox } from '../../core/scripts/sandbox';

// What the scripts of the sidecar conclude from what the servers say. Their answers are the test's; time is what the
// test says. This pod's server is asked by core_session_ask, which here logs the question, but for INFO; the others by
// query, info_of and engine_identity. Runs and replication ids have short names here.
const PREPARED = `
  . "$scripts/engine-sync.sh"
  run_pattern='[0-9A-Za-z]{1,40}'
  info_patterns[run_id]=$run_pattern info_patterns[master_replid]=$run_pattern info_patterns[master_replid2]=$run_pattern
  position_pattern="^[0-9A-Za-z-]{1,64}( $number){3} $run_pattern( strayed)?\\$" history_pattern="^($run_pattern $number( $run_pattern $number)*)?\\$"
  unset SECONDS
  core_clock() { core_now=$SECONDS core_now_cs=$((SECONDS * 100)); }
  core_leads_to_former_primary() { [[ -n \${old_dns:-} ]]; }
  SECONDS=100 core_now=100 role=replica synced='' lag='' recopy_reason='' session_pid=1 run=R
  core_session_close() { session_pid=''; log closed; }
  core_session_ask() { log "$1"; core_answer=(OK); }
  getent() { echo "10.0.0.1 STREAM $2"; }
  digest_of_secret >"$passwords_set"`;

/** The pod of the test that runs. */
export let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

export function pod(ordinal = 2, settings: { [name: string]: string } = {}): void {
  sandbox = new Sandbox(
    ordinal,
    {
      replication_user: 'replicator',
      user: 'app',
      program: 'redis',
      append_fsync: 'always',
      unflushed: '5',
      max_memory: '409mb',
      ...settings,
    },
    { scriptsOf: 'redis' },
  );
  ['superuser-password', 'replication-password', 'password'].forEach((file) =>
    sandbox.write(`credentials/${file}`, file),
  );
  sandbox.write('state/identity', '7f\n');
}
export function go(script: string): Promise<Result> {
  return sandbox.run(`${PREPARED}\n${script}`);
}
export function run(script: string, ordinal = 2): Promise<Result> {
  pod(ordinal);
  return go(script);
}

export const host = (ordinal: number): string => `orders-${ordinal}.orders.shop.svc.cluster.local.`;
/** What INFO says of this pod's server. */
export const info = (rows: { [name: string]: string | number }): string =>
  `info=(${Object.entries(rows)
    .map(([name, value]) => `[${name}]='${value}'`)
    .join(' ')})`;
export const FOLLOW_PRIMARY = `REPLICAOF ${host(0)} 1`;
export const FOLLOW_NOBODY = 'REPLICAOF 127.0.0.1 1';
