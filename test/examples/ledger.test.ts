import { Duration, Size } from 'cdk8s';
import { Ledger, LedgerProps } from '../../examples/ledger/ledger';
import { Credentials, Storage } from '../../lib';
import { configOf, synthesize } from '../manifests';
import { Result, Sandbox } from '../scripts/sandbox';

// What the functions of the example's engine decide, without a database: its answers are the test's, and time is what the test says. So can
// an engine of one's own be tested.
let sandbox: Sandbox | undefined;
afterEach(() => sandbox?.dispose());

function run(script: string, ordinal = 2): Promise<Result> {
  sandbox = new Sandbox(ordinal, { patience: '10' }, { scriptsOf: '../examples/ledger' });
  return sandbox.run(`
    . "$scripts/session.sh"
    . "$scripts/engine-sync.sh"
    unset SECONDS
    SECONDS=0 role='' synced='' lag='' copy_anew=''
    ${script}`, { PG_MAJOR: '18' });
}

describe('choose_acknowledgement', () => {
  // The server reads the file when it is told to reload, and reports the setting at the next look.
  const choose = `
    waits_for='ANY 1 (*)'
    session_ask() { waits_for=$(sed "s/^synchronous_standby_names = '\\(.*\\)'$/\\1/" "$state/acknowledge.conf"); }
    at() { SECONDS=$1 streaming=$2; choose_acknowledgement; log "$1: \${waits_for:-alone}"; }`;
  const alone = 'ALONE: no replica is there; from now on a commit is acknowledged when it is on this volume';
  const together = (names: string): string => `from now on a commit is acknowledged when it is on the volume of one of ${names} too`;

  test('goes on alone when no replica has been there for so long, and says so once', async () => {
    const { log } = await run(`${choose}; at 100 a; at 101 ''; at 110 ''; at 111 ''; at 112 ''`, 0);
    expect(log).toEqual([together('a'), '100: ANY 1 (a)', '101: ANY 1 (a)', '110: ANY 1 (a)', alone, '111: alone', '112: alone']);
  });

  test('waits again as soon as one is there', async () => {
    const { log } = await run(`${choose}; at 100 ''; at 110 ''; at 111 a; at 112 a; at 113 ''; at 122 ''; at 123 ''`, 0);
    expect(log).toEqual([
      '100: ANY 1 (*)', alone, '110: alone', together('a'), '111: ANY 1 (a)', '112: ANY 1 (a)', '113: ANY 1 (a)', '122: ANY 1 (a)', alone, '123: alone',
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
      eval "reload() $(declare -f session_ask | tail -n +2)"
      session_ask() { return 1; }; at 100 ''; at 110 ''
      session_ask() { reload; }; at 111 ''`, 0);
    expect(log).toEqual(['100: ANY 1 (*)', alone, '110: ANY 1 (*)', '111: alone']);
  });
});

test('who leaves is ready no more', async () => {
  const shows = 'session_pid=1; session_open() { log "${@: -1}"; }; session_ask() { log "$1"; }; connection() { echo "$*"; }';
  expect((await run(`${shows}; engine_show_leaving`, 0)).log).toEqual(['SET application_name = \'stateful\'']);
  expect((await run(`${shows}; primary_address=10.0.0.1; engine_show_leaving`)).log).toEqual(['10.0.0.1 leaving_2', 'SELECT 1']);
});

describe('engine_observe', () => {
  // Of one row: how the log is received and by which process, where the primary's ends, and whether what was marked is reached.
  const observe = `
    session_pid=1
    session_ask() { answer=("$row"); }
    at() { SECONDS=$1 row="replica|$2|$3|$4|0/10|$5|0|"; engine_observe; echo "$synced $lag"; }`;

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

describe('diagnose: a replica that does not follow', () => {
  // Here: database 7, timeline 2, log 0/50. Of the primary: what IDENTIFY_SYSTEM says, its timeline's history, and whether the log is gone.
  const diagnose = (primary: string, gap: 't' | 'f' = 't'): Promise<Result> => run(`
    replayed=0/50 synced='not connected'
    query() {
      case $1-$2 in
        "$socket-IDENTIFY_SYSTEM") echo '7|2|0/50|' ;;
        *-IDENTIFY_SYSTEM) ${primary} ;;
        *-'TIMELINE_HISTORY 3') printf '00000003.history|1\\t0/10\\tno reason\\n2\\t0/60\\tno reason\\n' ;;
        *-TIMELINE_HISTORY*) return 1 ;;
        *) echo ${gap} ;;
      esac
    }
    diagnose
    echo "\${synced%% (*}|$copy_anew"`);
  const gone = 'not connected|orders-0 no longer has the log from 0/50 on\n';

  test.each([
    ['the primary does not answer', 'return 1', 'orders-0 does not answer|\n'],
    ['the primary holds another database', 'echo "8|2|0/99|"', 'NOT FOLLOWING: orders-0 holds another database|\n'],
    ['the primary is behind', 'echo "7|2|0/40|"', 'NOT FOLLOWING: this replica has what orders-0 has not|\n'],
    ['the primary is on an earlier timeline', 'echo "7|1|0/99|"', 'NOT FOLLOWING: this replica has what orders-0 has not|\n'],
    ['the log is gone', 'echo "7|2|0/99|"', gone],
    ['the log is gone, on a later timeline', 'echo "7|3|0/99|"', gone],
  ])('%s', async (_, primary, expected) => {
    expect((await diagnose(primary)).out).toBe(expected);
  });

  test('for no reason that can be mended: it is left to itself', async () => {
    expect(await diagnose('echo "7|2|0/99|"', 'f')).toMatchObject({ out: 'not connected|\n', log: [] });
  });
});

test.each([
  ['7 1 0/20', '7 1 0/1F', true], ['7 1 2/0', '7 1 1/FFFFFFFF', true], ['7 1 0/20', '7 1 0/20', false], ['7 3 0/10', '7 2 5/0', true], ['7 2 5/0', '7 10 0/10', false],
])('engine_is_ahead: %s, of %s: %s', async (one, other, expected) => {
  expect((await run(`if engine_is_ahead '${one}' '${other}'; then echo yes; else echo no; fi`)).out).toBe(expected ? 'yes\n' : 'no\n');
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
