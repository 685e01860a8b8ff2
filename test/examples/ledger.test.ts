import { Duration, Size } from 'cdk8s';
import { Ledger, LedgerProps } from '../../examples/ledger/ledger';
import { Credentials, PostgresVersion, Storage } from '../../lib';
import { Result, Sandbox } from '../core/scripts/sandbox';
import { configOf, Manifest, scriptsOf, synthesize } from '../manifests';
import { refusalOf } from '../refusal';

// What the example's function decides, by the scripts that its pods get, without a database: the answers are the
// test's, and time is what the test says. So can an engine of one's own be tested.
let sandbox: Sandbox | undefined;
afterEach(() => sandbox?.dispose());

const ledger = (props: Partial<LedgerProps> = {}): Manifest[] =>
  synthesize(
    (scope) =>
      new Ledger(scope, 'orders', {
        version: PostgresVersion.V18,
        replicas: 3,
        storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(10) }),
        credentials: Credentials.fromSecret('c'),
        ...props,
      }),
  );

/**
 * Runs reconcile_synchronous_replicas at each `at TIME THERE`, where so many of the replicas stream, and logs what the
 * server then has. It reads `role.conf` when it is told to reload.
 */
function run(script: string, ordinal = 0): Promise<Result> {
  sandbox = new Sandbox(ordinal, {
    replication_user: 'replicator',
    user: 'app',
    database: 'app',
    read_only: 'no',
    synchronous_replicas: '1',
    patience: '10',
  });
  for (const [file, text] of Object.entries(scriptsOf(ledger()).data ?? {})) sandbox.write(`scripts/${file}`, text);
  return sandbox.run(
    `
    . "$scripts/session.sh"
    . "$scripts/engine-sync.sh"
    core_clock() { core_now=$time; }
    setting_of() { sed "s/^synchronous_standby_names = '\\(.*\\)'$/\\1/" "$role_conf"; }
    core_session_ask() {
      case $1 in
        *pg_reload_conf*) server=$(setting_of) ;;
        *"FROM pg_stat_replication"*) asked=$1 core_answer=("$stream|$server") ;;
      esac
    }
    at() { time=$1 stream=$2; reconcile_synchronous_replicas; log "$1: \${server:-alone}"; }
    find_standby_names && write_role "$standby_names" && server=$(setting_of)
    ${script}`,
    { PG_MAJOR: '18' },
  );
}

const both = 'ANY 1 ("orders-1", "orders-2")';
const alone =
  'ALONE: no replica is there. From now on a commit is acknowledged when it is on this volume. Find out why orders-1 does not follow';
const together = `from now on a commit is acknowledged when it is on a replica's volume too (synchronous_standby_names = '${both}')`;

test('a server that starts waits for one of the replicas', async () => {
  expect((await run('log "$server"')).log).toEqual([both]);
});

test('it goes on alone when no replica has been there for so long, and says so once', async () => {
  expect((await run('at 100 2; at 101 0; at 110 0; at 111 0; at 112 0')).log).toEqual([
    `100: ${both}`,
    `101: ${both}`,
    `110: ${both}`,
    alone,
    '111: alone',
    '112: alone',
  ]);
});

test('it waits again as soon as one is there', async () => {
  expect((await run('at 100 0; at 110 0; at 111 1; at 112 0; at 121 0; at 122 0')).log).toEqual([
    `100: ${both}`,
    alone,
    '110: alone',
    together,
    `111: ${both}`,
    `112: ${both}`,
    `121: ${both}`,
    alone,
    '122: alone',
  ]);
});

test('replicas that come and go change nothing', async () => {
  expect(
    (await run('for time in 100 105 110 115 120; do at $time 0; at $((time + 4)) 1; done')).log.filter(
      (line) => !line.endsWith(both),
    ),
  ).toEqual([]);
});

test('it asks for the replicas that are declared: a copy that is being made streams too, and so does what somebody scaled by hand', async () => {
  expect((await run('at 100 0; log "$asked"')).log.at(-1)).toContain(
    `strpos('synchronous_standby_names = ANY 1 ("orders-1", "orders-2")', '"' || application_name || '"')`,
  );
});

test('what a server does not say changes nothing', async () => {
  expect((await run('at 100 0; at 110 0; server="x|y"; at 111 1')).log).toEqual([
    `100: ${both}`,
    alone,
    '110: alone',
    '111: x|y',
  ]);
  await sandbox?.dispose();
  expect((await run('ask() { at "$@"; }; at 100 0; core_session_ask() { return 1; }; at 110 0; at 120 0')).log).toEqual(
    [`100: ${both}`, `110: ${both}`, `120: ${both}`],
  );
});

test('what the server was not told is told again: the file alone decides at its next reload', async () => {
  const { log } = await run(`
    eval "reachable_$(declare -f core_session_ask)"
    unreachable() { core_session_ask() { [[ $1 != *reload* ]] && reachable_core_session_ask "$1"; }; }
    reachable() { core_session_ask() { reachable_core_session_ask "$1"; }; }
    at 100 0; unreachable; at 110 0; log "in the file: $(setting_of)"; reachable; at 111 1; log "in the file: $(setting_of)"`);
  expect(log).toEqual([
    `100: ${both}`,
    `110: ${both}`,
    'in the file: ',
    together,
    `111: ${both}`,
    `in the file: ${both}`,
  ]);
});

test('a sidecar that restarts leaves a server alone that is alone', async () => {
  expect(
    (await run('write_role "synchronous_standby_names = \'\'"; server=; at 100 0; at 101 0; at 102 1')).log,
  ).toEqual(['100: alone', '101: alone', together, `102: ${both}`]);
});

test('a server that restarts under a sidecar that knows it to be alone is alone again', async () => {
  expect(
    (await run(`at 100 0; at 110 0; find_standby_names; write_role "$standby_names"; server=$(setting_of); at 111 0`))
      .log,
  ).toEqual([`100: ${both}`, alone, '110: alone', alone, '111: alone']);
});

test('with other replicas declared it waits for those; with none for no one', async () => {
  expect(
    (await run('at 100 1; echo 2 >"$config/replicas"; at 101 1; echo 1 >"$config/replicas"; at 102 0; at 120 0')).log,
  ).toEqual([
    `100: ${both}`,
    together.replace(', "orders-2"', ''),
    '101: ANY 1 ("orders-1")',
    expect.stringMatching(/^ALONE/),
    '102: alone',
    '120: alone',
  ]);
});

test('read-only there are no commits', async () => {
  expect((await run('fenced=yes; at 100 0; at 120 0')).log).toEqual([`100: ${both}`, `120: ${both}`]);
});

test('what PostgreSQL does once a second comes to this function', async () => {
  const { log } = await run(
    'role=primary roles_checked=x roles_now=x idle_slots=; mend() { time=$1 stream=$2; engine_reconcile; }; mend 100 0; mend 110 0; log "$server"',
  );
  expect(log).toEqual([alone, '']);
});

describe('the props', () => {
  const config = (props: Partial<LedgerProps> = {}): { readonly [file: string]: string } => configOf(ledger(props));

  test('are those of PostgreSQL, and for how long commits wait', () => {
    expect(config()['settings.sh']).toMatch(/\nsynchronous_replicas=1\n[^]*\npatience=10\n/);
    const other = config({
      parameters: { work_mem: '8MB' },
      user: 'teller',
      patience: Duration.minutes(1),
      superuserFromNetwork: true,
    });
    expect(other['postgresql.conf']).toContain('work_mem = 8MB\n');
    expect(other['settings.sh']).toMatch(/\nuser=teller\n[^]*\npatience=60\n/);
    expect(other['pg_hba.conf']).not.toContain('reject');
  });

  test('log_change the same to the scripts of one pod and of three: scaling restarts nothing', () => {
    expect({ ...config({ replicas: 1 }), replicas: '' }).toEqual({ ...config(), replicas: '' });
  });

  test('do not take away that commits wait', () => {
    expect(refusalOf(() => ledger({ parameters: { synchronous_commit: 'local' } }))).toMatch(
      /^parameters must not set 'synchronous_commit' to 'local'/,
    );
    expect(refusalOf(() => ledger({ parameters: { synchronous_standby_names: '*' } }))).toMatch(
      /^parameters must not set 'synchronous_standby_names'/,
    );
  });
});
