import { join } from 'node:path';
import { Result, Sandbox } from '../../core/scripts/sandbox';
import { statements } from '../mysql-common/statements';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// The functions of engine.sh that decide something. What the servers say, and their programs, are the test's; whether
// they would say so, only the end-to-end tests can tell.

function run(script: string, ordinal = 2): Promise<Result> {
  sandbox = new Sandbox(
    ordinal,
    { replication_user: 'replicator', user: 'app', database: 'shop' },
    { scriptsOf: 'mysql', and: 'mysql-common' },
  );
  Object.entries({
    'superuser-password': 'super-secret',
    'replication-password': 'replication-secret',
    password: 'app-secret',
  }).forEach(([file, password]) => sandbox.write(`credentials/${file}`, password));
  sandbox.write('state/certificates/stretched', 'AB'.repeat(32));
  return sandbox.run(`PATH=$STUB:$PATH session_settings=OWN\nmkdir -p "$state/copy"\n${script}`);
}
/** A program that does this. */
function program(name: string, does: string): string {
  return `cat >"$STUB/${name}" <<'END'\n#!/usr/bin/env bash\n${does}\nEND\nchmod +x "$STUB/${name}"\n`;
}

describe('query', () => {
  test('is asked by the replication user, whose password is no argument', async () => {
    const { out } = await run(
      `${program('mysql', 'echo "$MYSQL_PWD"; printf "%s\\n" "$*"; echo noise >&2')} query orders-1 'SELECT 1'`,
    );
    expect(out).toBe(
      `replication-secret\n--no-defaults --ssl-mode=VERIFY_CA --ssl-ca=${sandbox.folder}/state/certificates/ca.pem --compression-algorithms=uncompressed,zlib,zstd ` +
        '-N -B --connect-timeout=3 --init-command=OWN -h orders-1 -P 1 -u replicator -D cdk8s_stateful -e SELECT 1\n',
    );
  });

  test('fails where the client does', async () => {
    expect(
      await run(`${program('mysql', 'echo "ERROR 2002" >&2; exit 1')} query orders-1 'SELECT 1' || exit 9`),
    ).toMatchObject({ status: 9, log: [] });
  });
});

const UUID = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
describe('engine_replayed_position', () => {
  const position = (answer: string): Promise<Result> =>
    run(`query() { [[ $1 == orders-1 ]] && ${answer}; }; engine_replayed_position orders-1 || exit 9`);

  test.each([
    [`${UUID}:1-20`, `${UUID}:1-20`],
    ['', 'none'],
  ])('is identity and set: %j', async (set, expected) => {
    expect(await position(`echo '7f|${set}|0||0'`)).toMatchObject({ status: 0, out: `7f ${expected}\n` });
  });

  test.each([
    ['receives', `7f|${UUID}:1-20|1|${UUID}|0`, `still receives from a former orders-0 (server ${UUID})`],
    ['will connect again by itself', `7f|${UUID}:1-20|1||0`, 'still receives from a former orders-0'],
    ['has not applied all', `7f|${UUID}:1-20|0|${UUID}|1`, 'still applies what it received'],
  ])('is none of one that %s, which is said', async (_, answer, words) => {
    expect(await position(`echo '${answer}'`)).toMatchObject({ status: 9, out: `${words}\n` });
  });

  test('a receiver that waits to connect again is one, whatever the applier does', async () => {
    const { log } = await run('query() { echo "$2" >&2; }; engine_replayed_position orders-1 || true');
    expect(log.join(' ')).toContain("MAX(c.service_state <> 'OFF')");
  });

  test.each([':', 'return 1', 'echo "x[$(id)]|a|0||0"', `echo "7f|a') OR ('|0||0"`, `echo '7f|a|0|x y|0'`])(
    'is none where the answer is %s',
    async (answer) => {
      expect(await position(answer)).toMatchObject({ status: 9, out: '' });
    },
  );
});

describe("engine_has_all_of: whether the other's history is part of this one", () => {
  const has = (one: string, other: string, answer = 'echo missing:'): Promise<Result> =>
    run(
      `query() { [[ $1 == orders-1 ]] || return 1; echo "$2" >&2; ${answer}; }; engine_has_all_of orders-1 '${one}' '${other}' || exit $?`,
    ).then((result) => ({ ...result, log: statements(result.log) }));

  test('is asked of the server, which knows its sets: a count tells nothing', async () => {
    expect(await has('7f a:1-20', '7f a:1-9,b:1')).toMatchObject({
      status: 0,
      log: [
        "SELECT CONCAT('missing:', REPLACE(GTID_SUBTRACT('a:1-9,b:1', 'a:1-20'), CHAR(10), ''), GTID_SUBTRACT('a:1-20', @@gtid_executed))",
      ],
    });
    expect((await has('7f a:1-20', '7f b:1', 'echo missing:b:1')).status).toBe(1);
  });

  test('an empty set is part of any', async () => {
    expect((await has('7f a:1-20', '7f none')).log.join(' ')).toContain("GTID_SUBTRACT('', 'a:1-20')");
  });

  test('not of another database', async () => {
    expect(await has('7f a:1-20', '8e a:1')).toMatchObject({ status: 1, log: [] });
  });

  test.each(['return 1', ':', 'echo NULL', 'echo 1'])('is not known where it answers %s', async (answer) => {
    expect((await has('7f a:1', '7f a:1', answer)).status).toBe(2);
  });

  test('and of what is no set nothing is asked', async () => {
    expect(await has('7f a:1', '7f x") OR (1')).toMatchObject({ status: 2, log: [] });
  });
});

describe('what other servers say is matched first', () => {
  test.each(['echo "a[$(id >&2)]"', 'echo 1 2', 'echo -5', 'echo'])('a size: %s', async (answer) => {
    expect(await run(`query() { ${answer}; }; engine_size orders-1 || exit 9`)).toMatchObject({ status: 9, out: '' });
  });

  test.each(['x y', '', '../..'])('an identity: %j', async (answer) => {
    expect(await run(`query() { echo '${answer}'; }; engine_identity orders-1 || exit 9`)).toMatchObject({
      status: 9,
      out: '',
    });
  });

  test('a position that a copy waits for', async () => {
    expect(await run('query() { echo "\'); DROP"; }; engine_reserve_log orders-0 orders-1 || exit 9')).toMatchObject({
      status: 9,
    });
  });
});

describe('engine_reserve_log', () => {
  // Whether the source, orders-1, has what the primary has: asked again and again.
  const reserve = (source: string, ...has: string[]): string => `
    pause() { :; }
    printf '%s\\n' ${has.join(' ')} >"$STUB/has"
    query() {
      if [[ $1 == orders-0 ]]; then echo ${UUID}:1-20; return; fi
      echo "$2" >&2
      local lines
      mapfile -t lines <"$STUB/has"
      printf '%s\\n' "\${lines[@]:1}" >"$STUB/has"
      [[ \${lines[0]} != gone ]] && echo "\${lines[0]}"
    }
    engine_reserve_log orders-0 ${source}`;
  const ASKS = `SELECT GTID_SUBSET('${UUID}:1-20', @@gtid_executed)`;

  test('returns when the source has applied what the primary had', async () => {
    expect(await run(reserve('orders-1', '0', '0', '1', '0'))).toMatchObject({ status: 0, log: [ASKS, ASKS, ASKS] });
  });

  test('asks none where the source is the primary', async () => {
    expect(await run(reserve('orders-0', 'gone'))).toMatchObject({ status: 0, log: [] });
  });

  test('fails where the source goes, or the primary', async () => {
    expect((await run(`${reserve('orders-1', '0', 'gone')} || exit 9`)).status).toBe(9);
    expect((await run('query() { return 1; }; engine_reserve_log orders-0 orders-1 || exit 9')).status).toBe(9);
  });

  test('gives up, and so looks at the source again', async () => {
    const { status, out } = await run(
      'pause() { echo; }; query() { echo 0; }; engine_reserve_log orders-0 orders-1 | wc -l; exit "${PIPESTATUS[0]}"',
    );
    expect({ status, out: out.trim() }).toEqual({ status: 1, out: '600' });
  });
});

// A server that serves until it is told to end, and a client whose every question it answers once it is up.
const SERVER =
  'echo "$*" >>"$STUB/servers"; [[ $* != *--initialize-insecure* ]] || exit 0; trap "rm $STUB/up; exit 0" TERM; touch "$STUB/up"; while :; do read -rt 0.05 _ <>"$STUB/never"; done';
const programs = ({ server = SERVER, client = ':' } = {}): string => `
  mkfifo "$STUB/never"
  ${program('mysqld', server)}
  ${program('mysql', `sql=$(cat); [[ -e $STUB/up ]] || exit 1; [[ $sql == "SELECT 1" ]] || { echo "$*: $sql" >>"$STUB/calls"; ${client}; }`)}
  engine_identity() { [[ $1 == orders-1 ]] && echo 7f; }
  query() { printf 'clone\\tmysql_clone.so\\nrewriter\\trewriter.so\\n'; }
  sync() { echo "sync $*" >>"$STUB/calls"; }`;
const servers = (): string[] => sandbox.read('stub/servers').split('\n').slice(0, -1);

describe('a copy', () => {
  const copy = (what = 'engine_copy', given = programs(), more = ''): Promise<Result> =>
    run(`${given}\n${more}\nif ${what} orders-1 "$volume/incoming"; then echo copied; else echo failed; fi`);
  const derived = '[0-9a-f]{32}';

  test("is made by a server that has the source's plugins, and is started once before it counts", async () => {
    const { out } = await copy(
      'engine_copy',
      programs({ client: '[[ $sql != *CLONE* ]] || mkdir "${STUB%/*}/volume/incoming/data"' }),
    );
    expect(out).toBe('copied\n');
    const incoming = join(sandbox.folder, 'volume/incoming');
    const [made, receives, checks] = servers();
    for (const line of [made, receives]) {
      expect(line).toContain(`--datadir=${incoming}/receiver --skip-log-bin`);
      expect(line).toContain('--plugin-load-add=clone=mysql_clone.so --plugin-load-add=rewriter=rewriter.so');
    }
    expect(made).toMatch(/ --default-time-zone=SYSTEM --initialize-insecure$/);
    expect(receives).toContain('--loose-clone-valid-donor-list=orders-1:1 ');
    expect(checks).toContain(`--datadir=${incoming}/data --server-id=3 `);
    expect(receives).toContain(` --loose-clone-ssl-ca=${sandbox.folder}/state/certificates/ca.pem `);
    for (const line of [receives, checks]) {
      expect(line).toContain(
        ' --super-read-only=OFF --skip-replica-start --event-scheduler=OFF --default-time-zone=SYSTEM --skip-networking ',
      );
    }
    const [cloned, reset, synced] = sandbox.calls;
    expect(cloned).toMatch(
      new RegExp(
        `-u root: CLONE INSTANCE FROM 'follower-7f'@'orders-1':1 IDENTIFIED BY '${derived}' DATA DIRECTORY = '${incoming}/data' REQUIRE SSL$`,
      ),
    );
    expect(reset).toMatch(/-u mysql: RESET REPLICA ALL$/);
    expect(synced).toBe(`sync -f ${incoming}`);
    expect(sandbox.list('volume/incoming')).toEqual(['data', 'identity']);
    expect(sandbox.read('volume/incoming/identity')).toBe('7f\n');
  });

  test('for a lost primary begins another era', async () => {
    await copy('engine_recover');
    expect(sandbox.calls[1]).toMatch(/: RESET REPLICA ALL; UPDATE cdk8s_stateful.identity SET era = era \+ 1$/);
  });

  test.each(['engine_copy', 'engine_recover'])('%s fails where the plugin does, and is no data', async (what) => {
    expect((await copy(what, programs({ client: '[[ $sql != *CLONE* ]]' }))).out).toBe('failed\n');
    expect(sandbox.has('volume/incoming/identity')).toBe(false);
  });

  test.each(['engine_copy', 'engine_recover'])('%s fails where its first start does', async (what) => {
    const server = SERVER.replace(
      'trap',
      '[[ $* != *incoming/data* ]] || { printf "%s\\n" "1 [Note] a" "2 [ERROR] page is corrupt"; exit 1; }; trap',
    );
    expect(await copy(what, programs({ server }))).toMatchObject({
      out: 'failed\n',
      log: [expect.stringMatching(/^received/), '2 [ERROR] page is corrupt'],
    });
  });

  test("the source's plugins are no options of another kind", async () => {
    const { out, log } = await copy('engine_copy', programs(), 'query() { printf "x\\t--init-file=/etc/passwd\\n"; }');
    expect({ out, log }).toEqual({ out: 'failed\n', log: ['the source has a plugin with an unsupported name: x'] });
    expect(sandbox.has('stub/servers')).toBe(false);
  });

  test('says why the plugin fails, but nothing that may have the password in it', async () => {
    const fails = (text: string): string =>
      programs({ client: `[[ $sql != *CLONE* ]] || { echo "ERROR 3862 (HY000) at line 1: ${text}" >&2; exit 1; }` });
    expect((await copy('engine_copy', fails('Clone Donor Error'))).log).toEqual([
      'ERROR 3862 (HY000) at line 1: Clone Donor Error',
    ]);
    expect((await copy('engine_copy', fails('near $(grep -o "BY .[0-9a-f]*" <<<"$sql")'))).log).toEqual([
      'ERROR 3862 (HY000) at line 1',
    ]);
  });

  test('fails where what is done at its first start does', async () => {
    expect((await copy('engine_copy', programs({ client: '[[ $sql != *RESET* ]]' }))).out).toBe('failed\n');
  });

  test('fails where the receiver cannot be made, and says why', async () => {
    const server = 'printf "%s\\n" "1 [Note] a" "2 [ERROR] no room"; exit 1';
    expect(await copy('engine_copy', programs({ server }))).toMatchObject({
      out: 'failed\n',
      log: ['2 [ERROR] no room'],
    });
  });

  test('fails: one of a source that does not say who it is, or what plugins it has', async () => {
    expect((await copy('engine_copy', programs(), 'engine_identity() { return 1; }')).out).toBe('failed\n');
    expect((await copy('engine_copy', programs(), 'query() { return 1; }')).out).toBe('failed\n');
    expect(sandbox.has('stub/servers')).toBe(false);
  });
});

describe('watch_progress', () => {
  // Looks of ten seconds each; how large the folder is at each of them.
  const watch = (sizes: string): string => `
    core_clock() { :; }; core_now=0 sizes=(${sizes})
    pause() { core_now=$((core_now + $1)); ((core_now / 10 <= 130)); }
    du() { echo "\${sizes[$((core_now / 100))]:-9}	$2"; }
    kill() { echo "kill $* at $core_now"; exit 0; }
    watch_progress folder 77`;

  test('ends what has stood still for ten minutes', async () => {
    expect((await run(watch('1 2 2'))).out).toBe('kill -9 77 at 910\n'); // it is 9 from 300 on
  });

  test('leaves alone what grows, and says how far it is', async () => {
    const { out, log } = await run(watch('1 2 3 4 5 6 7 8 10 11 12 13 14'));
    expect(out).toBe('');
    expect(log.slice(0, 2)).toEqual(['1 MiB so far', '1 MiB so far']);
  });
});

describe('engine_initialise', () => {
  const initialise = (entryPoint: string): string =>
    `${program('docker-entrypoint.sh', entryPoint)} engine_initialise "$volume/incoming" || exit 9`;

  test("calls the entry point, which finds our only-init.sh under the server's name", async () => {
    const { status, out } = await run(
      `with_offline_server() { echo "$STATEFUL_SOCKET $*"; }
      ${initialise('readlink "$(command -v "$1")"; echo "$@"; cat "$MYSQL_ROOT_PASSWORD_FILE"; echo "$MYSQL_DATABASE"; echo "$identity"')}`,
      0,
    );
    const [server, args, password, database, identity, rest] = out.split('\n');
    expect(status).toBe(0);
    expect(server).toBe(`${sandbox.folder}/scripts/only-init.sh`);
    expect(args).toBe(
      `mysqld --defaults-extra-file=${sandbox.folder}/config/mysql.cnf --datadir=${sandbox.folder}/volume/incoming/data ` +
        '--transaction-read-only=OFF --autocommit=ON --init-connect= --offline-mode=OFF --completion-type=NO_CHAIN --server-id=1 --socket=/var/run/mysqld/mysqld.sock',
    );
    expect(password).toMatch(/^[0-9a-f]{32}$/); // which needs no quotes: the entry point knows none
    expect(database).toBe('shop');
    expect(identity).toMatch(/^[0-9a-f]{20}$/); // with `follower-` before it, no longer than a user's name may be
    expect(rest).toBe(
      `${sandbox.folder}/state/copy/server.sock ${sandbox.folder}/volume/incoming ${sandbox.folder}/scripts/users.sh`,
    );
    expect(sandbox.read('volume/incoming/identity')).toBe(`${identity}\n`);
    expect(sandbox.has('state/initial-password')).toBe(false);
  });

  test("the entry point's last call sets the superuser's password, and ends the server", async () => {
    const { status, out } = await run(
      `with_offline_server() { echo at rest; }; mkdir "$STUB/bin"; rm "$scripts/users.sh"
      ${program('users.sh', 'echo users')} mv "$STUB/users.sh" "$scripts/users.sh"
      sed 's|/usr/bin/mysqladmin|echo|' "$scripts/last-init.sh" >"$STUB/last-init.sh"; rm "$scripts/last-init.sh"; mv "$STUB/last-init.sh" "$scripts"; chmod +x "$scripts/last-init.sh"
      ${initialise('mysqladmin --defaults-extra-file=x shutdown -uroot --socket=y')}`,
      0,
    );
    expect({ status, out }).toEqual({
      status: 0,
      out: 'users\n--no-defaults -u mysql -S /var/run/mysqld/mysqld.sock shutdown\n',
    });
  });

  test("is no data where the superuser's password could not be set", async () => {
    expect((await run(`with_offline_server() { return 1; }; ${initialise(':')}`, 0)).status).toBe(9);
    expect(sandbox.has('volume/incoming/identity')).toBe(false);
  });

  test('fails where the entry point does: that is no data', async () => {
    expect((await run(initialise('exit 1'), 0)).status).toBe(9);
    expect(sandbox.has('volume/incoming/identity')).toBe(false);
  });
});

test.each([
  [0, 'OFF', []],
  [1, 'ON', ['--event-scheduler=OFF']],
  [10, 'ON', ['--event-scheduler=OFF']],
])('ordinal %i becomes a server that is read only from the start: %s', async (ordinal, readOnly, more) => {
  const { out } = await run(
    'docker-entrypoint.sh() { printf "%s\\n" "$@"; }; exec() { "$@"; }; share_identity() { :; }; engine_run "$volume/current"',
    ordinal,
  );
  expect(out.split('\n')).toEqual([
    'mysqld',
    `--defaults-extra-file=${sandbox.folder}/config/mysql.cnf`,
    `--datadir=${sandbox.folder}/volume/current/data`,
    '--socket=/var/run/mysqld/mysqld.sock',
    `--server-id=${ordinal + 1}`,
    `--report-host=orders-${ordinal}`,
    `--read-only=${readOnly}`,
    `--super-read-only=${readOnly}`,
    ...more,
    ...[
      ['ca', 'ca'],
      ['cert', 'server'],
      ['key', 'server-key'],
    ].map(([option, file]) => `--ssl-${option}=${sandbox.folder}/state/certificates/${file}.pem`),
    '',
  ]);
});

test.each([
  [0, ['ibdata1']],
  [1, ['auto.cnf', 'ibdata1']],
])('ordinal %i has after a start the files %j: the primary takes another UUID', async (ordinal, files) => {
  await run(
    'docker-entrypoint.sh() { :; }; exec() { "$@"; }; share_identity() { :; }; mkdir -p "$volume/current/data"; touch "$volume"/current/data/{auto.cnf,ibdata1}; engine_run "$volume/current"',
    ordinal,
  );
  expect(sandbox.list('volume/current/data')).toEqual(files);
});

test('a server starts with no temporary files of a former one', async () => {
  await run(
    'docker-entrypoint.sh() { :; }; exec() { "$@"; }; share_identity() { :; }; mkdir -p "$volume/temporary" "$volume/current/data"; touch "$volume/temporary/ML1"; engine_run "$volume/current"',
  );
  expect(sandbox.list('volume/temporary')).toEqual([]);
});

test("a server's sidecar is told whose data it is", async () => {
  await run(
    'docker-entrypoint.sh() { :; }; exec() { "$@"; }; mkdir -p "$volume/current/data"; echo 7f >"$volume/current/identity"; engine_run "$volume/current"',
  );
  expect(sandbox.read('state/identity')).toBe('7f\n');
});

test.each([
  [256, 0],
  [257, 1],
])('a password of %i bytes ends with %i', async (bytes, status) => {
  expect((await run(`head -c ${bytes} /dev/zero | tr '\\0' x >"$credentials/password"; check_secret`)).status).toBe(
    status,
  );
});

test.each(['superuser-password', 'replication-password', 'password'])('nothing begins without %s', async (key) => {
  expect(await run(`: >"$credentials/${key}"; engine_prepare`)).toMatchObject({
    status: 1,
    log: [`the Secret has no ${key}, or an empty one: give it a value`],
  });
});
