import { Duration, Size } from 'cdk8s';
import { Ledger, LedgerProps } from '../../examples/ledger/ledger';
import { Credentials, Storage } from '../../lib';
import { configOf, synthesize } from '../manifests';
import { Result, Sandbox } from '../core/scripts/sandbox';

// What the functions of the example's engine decide, without a database: its answers are the test's, and time is what the test says. So can
// an engine of one's own be tested.
let sandbox: Sandbox | undefined;
afterEach(() => sandbox?.dispose());

function run(script: string, ordinal = 2): Promise<Result> {
  sandbox = new Sandbox(ordinal, { patience: '10' }, { scriptsOf: '../../examples/ledger' });
  return sandbox.run(`
    . "$scripts/session.sh"
    . "$scripts/engine-sync.sh"
    core_clock() { core_now=$time; }
    core_leads_to_former_primary() { return 1; }
    time=0 role='' synced='' lag='' recopy_reason='' recopy_source='' synced_at=50 receives_from=''
    ${script}`, { PG_MAJOR: '18' });
}

describe('choose_acknowledgement', () => {
  // The server reads the file when it is told to reload, and reports the setting at the next look.
  const choose = `
    waits_for='ANY 1 ("nobody yet")'
    core_session_ask() { waits_for=$(sed "s/^synchronous_standby_names = '\\(.*\\)'$/\\1/" "$role_conf"); }
    at() { time=$1 streaming=$2; choose_acknowledgement; log "$1: \${waits_for:-alone}"; }`;
  const alone = 'ALONE: no replica is there; from now on a commit is acknowledged when it is on this volume';
  const together = (names: string): string => `from now on a commit is acknowledged when it is on the volume of one of ${names} too`;

  test('goes on alone when no replica has been there for so long, and says so once', async () => {
    const { log } = await run(`${choose}; at 100 a; at 101 ''; at 110 ''; at 111 ''; at 112 ''`, 0);
    expect(log).toEqual([together('a'), '100: ANY 1 (a)', '101: ANY 1 (a)', '110: ANY 1 (a)', alone, '111: alone', '112: alone']);
  });

  test('waits again as soon as one is there', async () => {
    const { log } = await run(`${choose}; at 100 ''; at 110 ''; at 111 a; at 112 a; at 113 ''; at 122 ''; at 123 ''`, 0);
    expect(log).toEqual([
      '100: ANY 1 ("nobody yet")', alone, '110: alone', together('a'), '111: ANY 1 (a)', '112: ANY 1 (a)', '113: ANY 1 (a)', '122: ANY 1 (a)', alone, '123: alone',
    ]);
  });

  test('changes nothing while replicas come and go', async () => {
    const { log } = await run(`${choose}; at 99 a; for time in 100 105 110 115 120; do at $time ''; at $((time + 4)) a; done`, 0);
    expect(log.filter((line) => !line.endsWith('ANY 1 (a)'))).toEqual([together('a')]);
  });

  test('names those that are there: not what else streams', async () => {
    const { log } = await run(`${choose}; at 100 '"a-1"'; at 101 '"a-1", "a-2"'; at 102 '"a-2"'`, 0);
    expect(log.filter((line) => /^\d/.test(line))).toEqual(['100: ANY 1 ("a-1")', '101: ANY 1 ("a-1", "a-2")', '102: ANY 1 ("a-2")']);
  });

  test('tries again where the server was not reached', async () => {
    const { log } = await run(`${choose}
      eval "reload() $(declare -f core_session_ask | tail -n +2)"
      core_session_ask() { return 1; }; at 100 ''; at 110 ''
      core_session_ask() { reload; }; at 111 ''`, 0);
    expect(log).toEqual(['100: ANY 1 ("nobody yet")', alone, '110: ANY 1 ("nobody yet")', '111: alone']);
  });
});

test('who leaves is ready no more', async () => {
  const shows = 'session_pid=1; core_session_open() { log "${@: -1}"; }; core_session_ask() { log "$1"; }; connection() { echo "$*"; }';
  expect((await run(`${shows}; engine_announce_leaving`, 0)).log).toEqual(['SET application_name = \'stateful\'']);
  expect((await run(`${shows}; primary_address=10.0.0.1; engine_announce_leaving`)).log).toEqual(['10.0.0.1 leaving_2', 'SELECT 1']);
});

describe('engine_observe', () => {
  // Of one row: how the log is received and by which process, where the primary's ends, and whether what was marked is reached.
  const observe = `
    session_pid=1
    core_session_ask() { core_answer=("$row"); }
    at() { time=$1 row="replica|$2|$3|$4|0/10|$5|||10.0.0.1|abc"; engine_observe; echo "$synced $lag"; }`;

  test('the lag is how long ago the primary\'s log ended where the replica is now', async () => {
    const { out } = await run(`${observe}
      at 100 streaming 7 0/10 t; at 101 streaming 7 0/20 f; at 102 streaming 7 0/30 t; at 105 streaming 7 0/40 f; at 106 streaming 7 0/50 t`);
    expect(out.split('\n')).toEqual([
      'just connected to orders-0 ', 'catching up with orders-0 ', 'yes 2', 'yes 5', 'yes 4', '', // 4 s since the mark of 102
    ]);
  });

  test('what an earlier connection heard tells nothing', async () => {
    const { out } = await run(`${observe}; at 100 streaming 7 0/10 t; at 101 streaming 7 0/10 t; at 102 none 0 0/10 t; at 110 streaming 8 0/10 t; at 111 streaming 9 0/10 t`);
    expect(out.split('\n').map((line) => line.replace(/ \d*$/, ''))).toEqual([
      'just connected to orders-0', 'yes', 'not connected to orders-0', 'just connected to orders-0', 'just connected to orders-0', '',
    ]);
  });
});

describe('a replica that does not follow', () => {
  // Here: database 7, timeline 2, log 0/50. Of the primary, at 10.0.0.1: what IDENTIFY_SYSTEM says, its timeline's history, and whether the log is gone.
  const decide = (primary: string, gap = 't', before = ''): Promise<Result> => run(`
    replayed=0/50 synced='not connected' session_pid=1
    core_session_ask() { log "\${1%%(*}"; }
    core_addresses_of() { echo 10.0.0.1; }
    query() {
      case $1-$2 in
        "$socket-IDENTIFY_SYSTEM") echo '7|2|0/50|' ;;
        10.0.0.1-IDENTIFY_SYSTEM) ${primary} ;;
        *-'TIMELINE_HISTORY 2') printf '00000002.history|1\\t0/10\\tno reason\\n' ;;
        *-'TIMELINE_HISTORY 3') printf '00000003.history|1\\t0/10\\tno reason\\n2\\t0/60\\tno reason\\n' ;;
        *-'TIMELINE_HISTORY 4') printf '00000004.history|1\\t0/8\\tno reason\\n2\\t0/60\\tno reason\\n' ;;
        *-TIMELINE_HISTORY*) return 1 ;;
        *pg_stat_wal_receiver*) echo "\${below_streams:-t}" ;;
        orders-1.*IDENTIFY_SYSTEM) echo '7|2|0/90|' ;;
        *) echo '${gap}' ;;
      esac
    }
    ${before}
    core_follow_primary || core_stop_receiving
    echo "\${synced%% (*}|$recopy_reason|$synced_at"
    if [[ -e $role_conf ]]; then grep -oE "hostaddr=[0-9.]+|^primary_conninfo = ''" "$role_conf"; fi`);
  const gone = 'not connected|orders-0 no longer has the log from 0/50 on|50\n';
  const ahead = /^NOT FOLLOWING: this replica has diverged: it holds writes that orders-0 does not.*\|\|\n$/;

  test.each([
    ['the primary does not answer', 'return 1', /^orders-0 does not answer\|\|50\n$/],
    ['the primary answers what is code', 'echo "7|x[$(id)]|0/99|"', /^orders-0 does not answer\|\|50\n$/],
    ['the primary holds another database', 'echo "8|1|0/99|"', /^NOT FOLLOWING: orders-0 holds another database\|\|\n$/],
    ['the primary is behind', 'echo "7|2|0/40|"', ahead],
    ['the primary is on an earlier timeline', 'echo "7|1|0/99|"', ahead],
    ['the primary is on a later timeline of another history', 'echo "7|4|0/99|"', ahead],
    ['the log is gone', 'echo "7|2|0/99|"', gone],
    ['the log is gone, on a later timeline', 'echo "7|3|0/99|"', gone],
  ])('%s', async (_, primary, expected) => {
    expect((await decide(primary)).out).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
    await sandbox?.dispose();
    expect((await decide(primary, 't', 'receives_from=10.0.0.7')).out).toMatch(/\nprimary_conninfo = ''\n$/); // and no one any more
  });

  test('the log is gone, and the ordinal below does not follow: it waits for that', async () => {
    expect((await decide('echo "7|2|0/99|"', 't', 'below_streams=f')).out).toBe('orders-0 no longer has the log from 0/50 on: waiting for orders-1, to copy from it||50\n');
  });

  test('otherwise it follows the address that was asked, once', async () => {
    expect(await decide('echo "7|3|0/99|"', 'f')).toMatchObject({ out: 'not connected||50\nhostaddr=10.0.0.1\n', log: ['SELECT pg_reload_conf'] });
    await sandbox?.dispose();
    expect(await decide('echo "7|3|0/99|"', 'f', 'receives_from=10.0.0.1')).toMatchObject({ out: 'not connected||50\n', log: [] });
  });

  test('it follows no one where DNS still leads to a primary that was left', async () => {
    expect(await decide('echo "7|3|0/99|"', 'f', 'core_leads_to_former_primary() { :; }')).toMatchObject({ out: 'not connected||50\n', log: [] });
  });
});

test.each([
  ['7 1 0/20 -', '7 1 0/1F -', true], ['7 1 2/0 -', '7 1 1/FFFFFFFF -', true], ['7 1 0/20 -', '7 1 0/21 -', false], ['7 3 0/90 1@0/50,2@0/80', '7 2 0/80 1@0/50', true],
  ['7 3 0/90 1@0/50,2@0/80', '7 2 0/81 1@0/50', false], ['7 3 0/90 1@0/50,2@0/80', '7 1 0/50 -', true], ['7 2 0/90 1@0/50', '7 1 0/51 -', false],
  ['7 2 0/90 1@0/50', '7 2 0/80 1@0/40', false], ['8 1 0/20 -', '7 1 0/10 -', false], ['7 1 0/20 -', '7 1 x[$(id)] -', false], ['7 10 0/20 9@0/18', '7 1 0/10 -', false],
])('engine_has_all_of: %s, of %s: %s', async (one, other, expected) => {
  expect((await run(`if engine_has_all_of host '${one}' '${other}'; then echo yes; else echo no; fi`)).out).toBe(expected ? 'yes\n' : 'no\n');
});

test.each([
  ['|t|0/30', '7 2 0/30 1@0/10\n', 0], ['10.0.0.7|t|0/30', 'still receives from 10.0.0.7\n', 9], ['another server|t|0/30', 'still receives from another server\n', 9],
  ['|f|0/30', 'still applies what it received\n', 9], ['', '', 9], ['|t|', '', 9],
])('engine_replayed_position of %j', async (row, out, status) => {
  expect(await run(`
    query() { case $2 in IDENTIFY_SYSTEM) echo '7|2|0/40|' ;; TIMELINE*) printf '2.history|1\\t0/10\\tno reason\\n' ;; *) echo '${row}' ;; esac; }
    engine_replayed_position orders-1 || exit 9`)).toMatchObject({ out, status });
});

test('a replica that somebody promoted is stopped, and not ready', async () => {
  expect((await run('engine_stop() { echo stop; }; role=primary; engine_reconcile; echo "[$synced_at]"')).out).toBe('stop\n[]\n');
});

describe('a Secret', () => {
  const secret = (change: string): Promise<Result> => run(`
    put() { mkdir "$credentials/$1"; printf %s "$2" >"$credentials/$1/replication-password"; printf a >"$credentials/$1/password"; printf b >"$credentials/$1/superuser-password"; rm -f "$credentials/new"; ln -s "$1" "$credentials/new"; mv -T "$credentials/new" "$credentials/..data"; }
    put one first; for key in replication-password password superuser-password; do rm -f "$credentials/$key"; ln -s "..data/$key" "$credentials/$key"; done
    role=replica receiving=streaming receiver=0 receiver_now=0
    engine_prepare
    ${change}
    engine_reconcile; engine_reconcile; cat "$PGPASSFILE"`, 1);

  test('that was changed is read again, however soon after it was read', async () => {
    expect((await secret('put two second; touch -d "2020-01-01" "$credentials/two"')).out).toBe('*:*:*:replicator:second\n');
  });

  test('that cannot be used is not taken, which is said once', async () => {
    const { out, log } = await secret('put two $\'second\\r\'');
    expect(out).toBe('*:*:*:replicator:first\n');
    expect(log).toEqual([expect.stringMatching(/has a line's end in it/)]);
  });
});

test('where a replica\'s data is, as its files say', async () => {
  const control = ['Database system identifier: 7', 'Latest checkpoint location: 0/20', 'Latest checkpoint\'s TimeLineID: 1', 'Minimum recovery ending location: 0/30',
    'Min recovery ending loc\'s timeline: 2'].join('\\n');
  const script = `bin=$STUB; printf '#!/bin/sh\\nprintf "${control}\\\\n"\\n' >"$STUB/pg_controldata"; chmod +x "$STUB/pg_controldata"; mkdir -p "$volume/pg_wal"`.replaceAll('\'s', '\'"\'"\'s');
  expect((await run(`${script}; printf '1\\t0/28\\tno reason\\n' >"$volume/pg_wal/00000002.history"; position_of_files "$volume"`)).out).toBe('7 2 0/30 1@0/28\n');
});

test('what the props say', () => {
  const config = (props: Partial<LedgerProps> = {}): { [file: string]: string } => configOf(synthesize((scope) => new Ledger(scope, 'orders', {
    replicas: 2, storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(10) }), credentials: Credentials.fromSecret('c'), ...props,
  })));
  expect(config()['postgresql.conf']).toContain('max_slot_wal_keep_size = 2048MB\nwal_keep_size = 1024MB\n');
  expect(config()['settings.sh']).toContain('patience=10\n');
  const other = config({ keptLog: Size.mebibytes(64), patience: Duration.minutes(1) });
  expect(other['postgresql.conf']).toContain('max_slot_wal_keep_size = 64MB\nwal_keep_size = 32MB\n');
  expect(other['settings.sh']).toContain('patience=60\n');
});
