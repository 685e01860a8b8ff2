import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Result, Sandbox } from '../../core/scripts/sandbox';
import { mysqlLog } from '../mysql-common/binary-log';
import { statements } from '../mysql-common/statements';

// The log as a server replays it that no one reaches. What the server says is the test's; whether it would say so, only
// the end-to-end tests can tell.

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

const A = 'aaaaaaaa-0000-1111-2222-333333333333';
const file = (first: number): Buffer =>
  mysqlLog(
    {
      begun: 1764500000,
      transactions: [
        { server: A, number: first },
        { server: A, number: first + 1 },
      ],
    },
    { [A]: [[1, first - 1]] },
  );

/** @param answers of the server, one each time that it is asked how far it is; the last one for ever */
function replay(answers: readonly string[], script = ''): Promise<Result> {
  sandbox = new Sandbox(
    0,
    { replication_user: 'replicator', user: 'app', database: 'shop', log_size: '1' },
    { scriptsOf: 'mysql', and: 'mysql-common' },
  );
  writeFileSync(join(sandbox.folder, 'first'), file(5));
  writeFileSync(join(sandbox.folder, 'second'), file(7));
  sandbox.write('answers', answers.map((answer) => `${answer}\n`).join(''));
  return sandbox.run(`. "$scripts/engine-backup.sh"; . "$scripts/engine-restore.sh"
    cd "$STUB/.."
    mkdir -p "$replayed"
    now=0
    core_clock() { core_now=$now; }
    pause() { now=$((now + 1)); }
    patience=20
    with_watched_server() { echo "$*" | grep -oE -- '--(server-id|relay-log-recovery|skip-log-bin)[^ ]*'; cat "$replayed/relay/relay.index" | sed 's,.*/,,'; "$3"; }
    offline_query() {
      case $1 in
        SELECT*) head -n 1 answers; if (($(wc -l <answers) > 1)); then sed -i 1d answers; fi ;;
        *) echo "$1" >>"$STUB/calls" ;;
      esac
    }
    ${script}
    replay_files "$volume/incoming" "$PWD/first" "$PWD/second" || echo failed
    cat "$STUB/calls"; ls "$replayed"`);
}

test('files of the log lie there as received ones, in their order, and go when they are replayed', async () => {
  const { out, log } = await replay([`0|ON|0|0|${A}:1-5|`, `0|ON|0|0|${A}:1-7|`, `1|ON|1|0|${A}:1-8|`]);
  expect(statements(out.split('\n').slice(0, -1))).toEqual([
    '--server-id=4294967295',
    '--skip-log-bin',
    '--relay-log-recovery=OFF',
    'relay.000001',
    'relay.000002',
    "CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'nowhere', RELAY_LOG_FILE = 'relay.000001', RELAY_LOG_POS = 4; START REPLICA SQL_THREAD",
    'STOP REPLICA; RESET REPLICA ALL',
  ]);
  expect(log).toEqual([]);
});

test.each([
  ['an error', `0|ON|0|1062|${A}:1-5|Duplicate entry '1'`, "the server cannot replay the log: Duplicate entry '1'"],
  ['an end', `0|OFF|0|0|${A}:1-5|`, 'the server cannot replay the log: '],
  [
    'transactions that are in no file',
    `0|ON|1|0|${A}:1-5|`,
    "transactions that the set had then are not in its log. Was a dump with GTID_PURGED loaded? Give 'restoreFrom' a backup that was taken after it, or a time before",
  ],
  ['no progress', `0|ON|0|0|${A}:1-5|`, 'replaying the log stands still'],
])('%s fails, and is said', async (_, answer, words) => {
  const { out, log } = await replay([answer]);
  expect(out).toContain('failed\n');
  expect(log).toEqual([words]);
});

test('a server that does not answer fails', async () => {
  expect((await replay([''])).out).toContain('failed\n');
});
