import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PUT_SECRET, Result, Sandbox } from '../../core/scripts/sandbox';

let sandboxes: Sandbox[] = [];
let sandbox: Sandbox;
afterEach(async () => {
  await Promise.all(sandboxes.map((each) => each.dispose()));
  sandboxes = [];
});

// The functions of engine.sh that decide something. What the servers say, and their programs, are the test's; whether
// they would say so, only the end-to-end tests can tell.

function pod(ordinal = 2, password = 'replication-secret'): void {
  sandbox = new Sandbox(
    ordinal,
    { replication_user: 'replicator', user: 'app', database: 'shop', copy_port: '4444' },
    { scriptsOf: 'mariadb', and: 'mysql-common' },
  );
  sandboxes.push(sandbox);
  sandbox.write(
    'config/settings.sh',
    `${sandbox.read('config/settings.sh')}copy_scratch=${join(sandbox.folder, 'copies')}\n`,
  );
  mkdirSync(join(sandbox.folder, 'copies'));
  sandbox.write('credentials/superuser-password', 'super-secret');
  sandbox.write('credentials/replication-password', password);
  sandbox.write('credentials/password', 'app-secret');
}
function go(script: string): Promise<Result> {
  return sandbox.run(`PATH=$STUB:$PATH\nmkdir -p "$state/copy"\n${script}`);
}
function run(script: string, ordinal = 2): Promise<Result> {
  pod(ordinal);
  return go(script);
}
/** Whether a condition of the shell holds. */
async function holds(condition: string, before = ''): Promise<boolean> {
  const { out, log } = await run(`${before}\nif ${condition}; then echo yes; else echo no; fi`);
  expect(log).toEqual([]);
  return out === 'yes\n';
}
/** A program that does this. */
function program(name: string, does: string): string {
  return `cat >"$STUB/${name}" <<'END'\n#!/usr/bin/env bash\n${does}\nEND\nchmod +x "$STUB/${name}"\n`;
}

describe('query', () => {
  test('is asked by the replication user, whose password is no argument', async () => {
    const { out } = await run(
      `${program('mariadb', 'echo "$MYSQL_PWD"; printf "%s\\n" "$*"; echo noise >&2')} query orders-1 'SELECT 1'`,
    );
    expect(out).toMatch(
      /^replication-secret\n--no-defaults --ssl-verify-server-cert -N -B --connect-timeout=3 --init-command=SET SESSION [^;]*sql_mode = ''[^;]* -h orders-1 -P 1 -u replicator -D cdk8s_stateful -e SELECT 1\n$/,
    );
  });

  test('fails where the client does', async () => {
    expect(
      await run(`${program('mariadb', 'echo "ERROR 2002" >&2; exit 1')} query orders-1 'SELECT 1' || exit 9`),
    ).toMatchObject({ status: 9, log: [] });
  });
});

/** What a folder's certificate belongs to. */
function privateKey(folder: string): string {
  return (
    /-----BEGIN PRIVATE KEY-----[^]*?-----END PRIVATE KEY-----/.exec(
      readFileSync(join(folder, 'own.pem'), 'utf8'),
    )?.[0] ?? ''
  );
}

describe('engine_prepare', () => {
  /** Prepares a pod with this password, and returns where its certificates are. */
  const prepared = async (password: string): Promise<string> => {
    pod(2, password);
    expect((await go('engine_prepare; engine_prepare')).status).toBe(0);
    return join(sandbox.folder, 'state', 'certificates');
  };
  /** Whether a pod takes another for one of its own. */
  const trusts = (one: string, other: string): boolean => {
    try {
      return execFileSync('openssl', ['verify', '-CAfile', join(one, 'ca.pem'), join(other, 'own.pem')], {
        encoding: 'utf8',
        stdio: 'pipe',
      }).endsWith(': OK\n');
    } catch {
      return false;
    }
  };

  test.each(['secret', 'it\'s "$HOME" %s \\ *', '-n', 'ü'])(
    'pods with the password %s trust each other',
    async (password) => {
      const [one, other] = [await prepared(password), await prepared(password)];
      expect([trusts(one, other), trusts(other, one), trusts(one, one)]).toEqual([true, true, true]);
      expect(privateKey(one)).toBe(privateKey(other));
    },
  );

  test.each([
    ['secret', 'Secret'],
    ['%s', '%d'],
    ['a b', 'a  b'],
    ['a', 'a '],
  ])('pods with the passwords %j and %j do not', async (password, another) => {
    const [one, other] = [await prepared(password), await prepared(another)];
    expect([trusts(one, other), trusts(other, one)]).toEqual([false, false]);
  });

  test("a new line at a password's end is none of it", async () => {
    expect(trusts(await prepared('secret'), await prepared('secret\n'))).toBe(true);
  });

  test('makes files that are for the pod alone, with the name that others ask for', async () => {
    const folder = await prepared('secret');
    expect(['stretched', 'own.pem', 'made'].map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([
      0o600, 0o600, 0o600,
    ]);
    const subject = execFileSync(
      'openssl',
      ['x509', '-in', join(folder, 'own.pem'), '-noout', '-subject', '-nameopt', 'RFC2253'],
      { encoding: 'utf8' },
    );
    expect(subject).toBe('subject=CN=stateful-copy\n');
    expect(sandbox.list('state').filter((name) => name.startsWith('keys-'))).toEqual([]);
  });

  test("the key takes as long for each password that somebody tries: it is none of the password's plain hash", async () => {
    const key = await prepared('secret').then(privateKey);
    const hash = createHash('sha256').update('copy:secret').digest('hex');
    const der = Buffer.from(key.split('\n').slice(1, 2).join(''), 'base64').toString('hex');
    expect(der).toMatch(/^302e020100300506032b657004220420[0-9a-f]{64}$/);
    expect(der).not.toContain(hash);
    expect(readFileSync(join(sandbox.folder, 'scripts/password-keys.sh'), 'utf8')).toContain('-iter 600000');
  });

  test('keys are made again before a question, where the Secret has changed since: a pod may wait for long', async () => {
    pod(2, 'secret');
    const { out } =
      await go(`${PUT_SECRET}; put one secret; core_hold_secret; make_keys; first=$(<"$certificates/own.pem"); mariadb() { :; }; timeout() { :; }
      query x y; [[ $(<"$certificates/own.pem") == "$first" ]] && echo same
      put two other; touch -d 2020-01-01 "$credentials/two"; query x y; [[ $(<"$certificates/own.pem") == "$first" ]] || echo another`);
    expect(out).toBe('same\nanother\n');
  });

  test('keys are made once, and again where the password has changed', async () => {
    pod(2, 'secret');
    const openssl = program('openssl', 'echo "$1" >>"$STUB/calls"; PATH=${PATH#*:} exec openssl "$@"');
    await go(
      `${openssl} engine_prepare; engine_prepare; echo again >>"$STUB/calls"; echo other >"$credentials/replication-password"; engine_prepare`,
    );
    const once = ['enc', 'pkey', 'req', 'req', 'req', 'x509'];
    const [first, second] = [sandbox.calls.slice(0, 6), sandbox.calls.slice(7)];
    expect([[...first].sort(), sandbox.calls[6], [...second].sort()]).toEqual([once, 'again', once]);
  });

  test.each(['superuser-password', 'replication-password', 'password'])('is not made without %s', async (key) => {
    pod();
    sandbox.write(`credentials/${key}`, '');
    expect(await go('engine_prepare')).toMatchObject({
      status: 1,
      log: [`the Secret has no ${key}, or an empty one: give it a value`],
    });
    expect(sandbox.has('state/certificates')).toBe(false);
  });

  test.each(['enc', 'pkey', 'req', 'x509'])('fails where openssl %s does', async (command) => {
    const openssl = program('openssl', `[[ $1 != ${command} ]] || exit 1; PATH=\${PATH#*:} exec openssl "$@"`);
    expect((await run(`${openssl} engine_prepare || exit 9`)).log.at(-1)).toBe(
      'no keys: pods cannot authenticate each other',
    );
    expect(sandbox.has('state/certificates/made')).toBe(false);
  });
});

describe('engine_has_all_of', () => {
  const id = '7f'.repeat(16);
  const all = (one: string, other: string): Promise<boolean> =>
    holds(`engine_has_all_of orders-1 '${id} ${one}' '${id} ${other}'`);
  test.each([
    ['it is equal', '0-1-20 0-1-20', '0-1-20 0-1-20', true],
    ['it has more', '0-1-20 0-1-20', '0-1-19 0-1-19', true],
    ['it has more, by number', '0-1-100 0-1-100', '0-1-99 0-1-99', true],
    ['it has less', '0-1-19 0-1-19', '0-1-20 0-1-20', false],
    ['its log is behind its data', '0-1-20 0-1-18', '0-1-20 0-1-20', true],
    ['the other is from before a recovery', '0-1048577-30 0-1-20,0-1048577-30', '0-1-20 0-1-20', true],
    ['the other has more from before a recovery', '0-1048577-30 0-1-20,0-1048577-30', '0-1-21 0-1-21', false],
    ['the other was written to', '0-1-90 0-1-90', '0-3-21 0-1-20,0-3-21', false],
    ['it was written to', '0-3-21 0-1-20,0-3-21', '0-1-90 0-1-90', false],
    ['it was written to, and is ahead by number', '0-3-99 0-1-20,0-3-99', '0-1-90 0-1-90', false],
    ['the other was written to, and followed on', '0-1-90 0-1-90', '0-1-80 0-1-80,0-3-21', false],
    ['leading zeros are no octal numbers', '0-1-09 0-1-09', '0-1-08 0-1-08', true],
  ])('%s', async (_, one, other, expected) => {
    expect(await all(one, other)).toBe(expected);
  });

  test("what is no position is none of anybody's history, and is not evaluated", async () => {
    expect(await all('0-1-20 0-1-20', '0-1-a[$(touch${IFS}$STUB/pwned)] x')).toBe(false);
    expect(sandbox.has('stub/pwned')).toBe(false);
  });
});

describe('engine_replayed_position', () => {
  const settled = (row: string, pattern = '*'): Promise<Result> =>
    run(
      `query() { [[ $1 == orders-1 && $2 == ${pattern} ]] && printf '%s\\n' '${row}'; }; engine_replayed_position orders-1 || exit 9`,
    );

  test('is identity, position and history', async () => {
    expect(await settled('7f|0-1-20|0-1-20|No|No|0|0|')).toMatchObject({ status: 0, out: '7f 0-1-20 0-1-20\n' });
    expect(await settled('7f|0-1048577-20|0-1-9,0-1048577-20|No|Yes|0|0|10.0.0.1')).toMatchObject({
      status: 0,
      out: '7f 0-1048577-20 0-1-9,0-1048577-20\n',
    });
  });

  test('where it has written nothing to its own log the history is its position', async () => {
    expect(await settled('7f|0-1-20||No|Yes|0|0|10.0.0.1')).toMatchObject({ status: 0, out: '7f 0-1-20 0-1-20\n' });
  });

  test.each(['Yes', 'Connecting', 'Preparing'])(
    'none while its receiver is %s: it says from whom',
    async (receiver) => {
      expect(await settled(`7f|0-1-20|0-1-20|${receiver}|Yes|0|0|10.0.0.1`)).toMatchObject({
        status: 9,
        out: 'still receives from 10.0.0.1\n',
      });
    },
  );

  test.each([
    ['applies', 'Yes', 0],
    ['was stopped', 'No', 0],
    ['applies again', 'Yes', 1032],
  ])('none while it has more than it applied, and %s', async (_, applier, error) => {
    expect(await settled(`7f|0-1-20|0-1-20|No|${applier}|1|${error}|10.0.0.1`)).toMatchObject({
      status: 9,
      out: 'still applies what it received\n',
    });
  });

  test('what it cannot apply it does not wait for', async () => {
    expect(await settled('7f|0-1-20|0-1-20|No|No|1|1032|10.0.0.1')).toMatchObject({
      status: 0,
      out: '7f 0-1-20 0-1-20\n',
    });
  });

  test.each([
    ['two domains', '7f|0-1-20,1-1-3|0-1-20,1-1-3|No|Yes|0|0|x'],
    ['no position', '7f|||No|No|0|0|'],
    ['no identity', 'x y|0-1-2|0-1-2|No|No|0|0|'],
    ['what is no number', '7f|0-1-a[$(id)]|0-1-2|No|No|0|0|'],
  ])('none of one with %s', async (_, row) => {
    expect(await settled(row)).toMatchObject({
      status: 9,
      out: expect.stringMatching(/^has no position of one domain/) as string,
    });
  });

  test('none of one that does not answer, without a word', async () => {
    expect(await run('query() { return 1; }; engine_replayed_position orders-1 || exit 9')).toMatchObject({
      status: 9,
      out: '',
    });
  });
});

describe('engine_reserve_log', () => {
  // The primary, orders-0, is at 20; the source is asked again and again.
  const reserve = (source: string, applied: string): string => `
    pause() { :; }
    printf '%s\\n' ${applied} >"$STUB/applied"
    query() {
      if [[ $1 == orders-0 && $2 == *binlog_state ]]; then echo 0-1-40; return; fi
      if [[ $1 == orders-0 ]]; then echo 0-1-20; return; fi
      local lines
      mapfile -t lines <"$STUB/applied"
      printf '%s\\n' "\${lines[@]:1}" >"$STUB/applied"
      echo asked >&2
      [[ \${lines[0]} != gone ]] && echo "\${lines[0]}"
    }
    engine_reserve_log orders-0 ${source}`;

  test('returns when the source has applied what the primary had', async () => {
    expect(await run(reserve('orders-1', '0-1-9 0-1-19 0-1-20 0-1-30'))).toMatchObject({
      status: 0,
      log: ['asked', 'asked', 'asked'],
    });
  });

  test('no one copies what the primary has not: a source that was written to', async () => {
    const { status, log } = await run(
      `query() { case "$*" in 'orders-0 SELECT @@gtid_current_pos') echo 0-1-20 ;; orders-0*) echo 0-1-22 ;; *) echo 0-2-21 ;; esac; }; engine_reserve_log orders-0 orders-1 || exit 9`,
    );
    expect({ status, log }).toEqual({
      status: 9,
      log: ['not copying from orders-1: it holds writes that orders-0 does not (0-2-21 there, 0-1-22 on orders-0)'],
    });
  });

  test('asks none where the source is the primary', async () => {
    expect(await run(reserve('orders-0', 'gone'))).toMatchObject({ status: 0, log: [] });
  });

  test('fails where the source goes, or the primary', async () => {
    expect((await run(`${reserve('orders-1', '0-1-9 gone')} || exit 9`)).status).toBe(9);
    expect((await run('query() { return 1; }; engine_reserve_log orders-0 orders-1 || exit 9')).status).toBe(9);
  });

  test('gives up, and so looks at the source again', async () => {
    const { status, out } = await run(
      'pause() { echo; }; query() { echo 0-1-$((20 - ${#1} % 2)); }; engine_reserve_log orders-0 orders-11 | wc -l; exit "${PIPESTATUS[0]}"',
    );
    expect({ status, out: out.trim() }).toEqual({ status: 1, out: '600' });
  });
});

/** Programs that give, take and check a copy: what they say they were called with stands in calls. */
const copying = ({ stream = ':', unpack = 'touch "$3/complete"', prepare = ':' } = {}): string => `
  engine_identity() { [[ $1 == orders-1 ]] && echo 7f; }
  ${program('socat', `echo "socat $*" >>"$STUB/calls"; ${stream}`)}
  ${program('mbstream', `cat >/dev/null; echo "mbstream $*" >>"$STUB/calls"; ${unpack}`)}
  ${program('mariadb-backup', `echo "mariadb-backup $*" >>"$STUB/calls"; ${prepare}`)}`;

describe('copy', () => {
  const copy = (programs = copying()): Promise<Result> =>
    run(`${programs}\nif copy orders-1 "$volume/incoming"; then echo copied; else echo failed; fi`);

  test("is what the source's sidecar sends, prepared, and who it is", async () => {
    const { out } = await copy();
    const [folder, state] = ['volume/incoming', 'state/certificates'].map((name) => join(sandbox.folder, name));
    expect(out).toBe('copied\n');
    expect(sandbox.list('volume/incoming')).toEqual(['identity']);
    expect(sandbox.read('volume/incoming/identity')).toBe('7f\n');
    expect([...sandbox.calls].sort()).toEqual([
      `mariadb-backup --prepare --target-dir=${folder}`,
      `mbstream -x -C ${folder}`,
      `socat -u -T 600 OPENSSL:orders-1:4444,cert=${state}/own.pem,cafile=${state}/ca.pem,verify=1,commonname=stateful-copy,connect-timeout=5,rcvtimeo=10,` +
        'keepalive,keepidle=5,keepintvl=5,keepcnt=3 STDOUT',
    ]);
    expect(sandbox.calls.at(-1)).toMatch(/^mariadb-backup /);
  });

  test("has the password of the image's health check in its place", async () => {
    await copy(copying({ unpack: 'echo secret >"$3/healthcheck.cnf"; touch "$3/complete"' }));
    expect(sandbox.list('volume/incoming')).toEqual(['.my-healthcheck.cnf', 'identity']);
    expect(sandbox.read('volume/incoming/.my-healthcheck.cnf')).toBe('secret\n');
  });

  test.each([
    ['that broke off', 'exit 1', 'touch "$3/complete"'],
    ['that cannot be unpacked', 'exit 0', 'touch "$3/complete"; exit 1'],
    ['that ended early, though well', 'exit 0', ':'],
  ])('fails: a stream %s, and nothing is made of it', async (_, end, unpack) => {
    const { out, log } = await copy(copying({ stream: `echo "connection reset" >&2; ${end}`, unpack }));
    expect({ out, log }).toEqual({
      out: 'failed\n',
      log: [
        expect.stringMatching(
          /the stream from orders-1, port 4444, ended before the backup was complete: .*connection reset$/,
        ),
      ],
    });
    expect(sandbox.calls.filter((call) => call.startsWith('mariadb-backup'))).toEqual([]);
    expect(sandbox.has('volume/incoming/identity')).toBe(false);
  });

  test('fails: one that cannot be prepared, and says why by the last lines', async () => {
    const { out, log } = await copy(
      copying({ prepare: 'printf "%s\\n" 1 2 3; printf "%s\\n" 4 5 6 "page is corrupt" >&2; exit 1' }),
    );
    expect(out).toBe('failed\n');
    expect(log.slice(1)).toEqual(['3', '4', '5', '6', 'page is corrupt']);
    expect(sandbox.has('volume/incoming/identity')).toBe(false);
  });

  test('fails: one of a source that does not say who it is, and asks for nothing', async () => {
    expect((await copy(`${copying()} engine_identity() { return 1; }`)).out).toBe('failed\n');
    expect(sandbox.calls).toEqual([]);
  });

  test('fails: one to a folder that is there', async () => {
    expect((await copy(`${copying()} mkdir "$volume/incoming"`)).out).toBe('failed\n');
    expect(sandbox.calls).toEqual([]);
  });

  test('says how far it is, and no more when it has ended', async () => {
    const pause =
      'pause() { if [[ -z ${once:-} ]]; then once=yes; read -r _ <"$STUB/half"; else echo >"$STUB/said"; read -r -u "$core_pause_fd" _; fi; }';
    const unpack = 'echo >"$STUB/half"; read -r _ <"$STUB/said"; touch "$3/complete"';
    const { out, log } = await copy(`mkfifo "$STUB/half" "$STUB/said"; ${copying({ unpack })} ${pause};`);
    expect(out).toBe('copied\n');
    expect(log).toEqual([
      expect.stringMatching(/\d MiB so far$/),
      expect.stringMatching(/received \d MiB; preparing$/),
    ]);
  });
});

describe('what the copy knows of its position', () => {
  // The third word of a file of the backup's.
  const unpack = 'printf "binlog.000007\\t1234\\t0-1-20\\n" >"$3/mariadb_backup_binlog_info"; touch "$3/complete"';
  const make = (call: string, more = ':', written = '0-9-7,0-1-18'): Promise<Result> =>
    run(`${copying({ unpack })} query() { [[ $* == 'orders-1 SELECT @@gtid_binlog_state' ]] && echo '${written}'; }
      run_offline_sql() { echo "\${1##*/} $2 $3" >>"$STUB/sql"; }; ${more}; ${call} orders-1 "$volume/incoming" || exit 9`);
  const told = (): string => sandbox.read('stub/sql').replaceAll(/\s+/g, ' ');

  test('a replica goes on from there', async () => {
    expect((await make('engine_copy')).status).toBe(0);
    expect(told()).toBe(
      "incoming 3 RESET MASTER; SET GLOBAL gtid_binlog_state = '0-9-7,0-1-18'; SET GLOBAL gtid_slave_pos = '0-1-20' ",
    );
  });

  test('a primary begins its log there, and with a transaction of its own: else no one could copy from it while no one writes', async () => {
    expect((await make('engine_recover')).status).toBe(0);
    const server = Number(sandbox.read('volume/incoming/server-id'));
    expect(server >> 20).toBe(1); // the era after the one of server 1
    expect(told()).toMatch(
      new RegExp(
        `^incoming ${server} RESET MASTER; SET GLOBAL gtid_slave_pos = ''; SET GLOBAL gtid_binlog_state = '0-9-7,0-1-20'; ` +
          `CREATE TABLE IF NOT EXISTS cdk8s_stateful.recoveries .*; INSERT INTO cdk8s_stateful.recoveries \\(server_id, position\\) VALUES \\(${server}, '0-1-20'\\);`,
      ),
    );
  });

  test('it says which events do not run any more', async () => {
    expect((await make('engine_recover', 'run_offline_sql() { echo shop.nightly shop.hourly; }')).log.at(-1)).toMatch(
      /so these are disabled: shop.nightly shop.hourly. Enable those/,
    );
    expect((await make('engine_recover')).log.join()).not.toContain('disabled');
  });

  test.each(['engine_copy', 'engine_recover'])('%s fails where the copy does, or what is written', async (call) => {
    expect((await make(call, 'copy() { return 1; }')).status).toBe(9);
    expect(sandbox.has('stub/sql')).toBe(false);
    expect((await make(call, 'query() { return 1; }')).status).toBe(9);
    expect((await make(call, 'position_of() { return 1; }')).status).toBe(9);
    expect((await make(call, 'run_offline_sql() { return 1; }')).status).toBe(9);
  });

  test.each(['engine_copy', 'engine_recover'])('%s takes no SQL for a history', async (call) => {
    expect((await make(call, ':', '0-1-18; DROP TABLE x')).status).toBe(9);
    expect(sandbox.has('stub/sql')).toBe(false);
  });

  test.each(["'; DROP TABLE x", '0-1', '', '0-1-2,1-1-2', '0-1-99999999999999999999'])(
    'nor %j for a position',
    async (position) => {
      const other = unpack.replace('0-1-20', position);
      expect(
        (
          await run(
            `${copying({ unpack: other })} query() { echo 0-1-18; }; run_offline_sql() { echo "$3" >>"$STUB/sql"; }; engine_copy orders-1 "$volume/incoming" || exit 9`,
          )
        ).status,
      ).toBe(9);
      expect(sandbox.has('stub/sql')).toBe(false);
    },
  );
});

describe('run_offline_sql', () => {
  // A server that ends when it is told to, and a client whose every question it answers once it is up.
  const SERVER =
    'echo "$*" >"$STUB/server"; trap "echo stopped >>$STUB/server; exit 0" TERM; touch "$STUB/up"; while :; do read -rt 1 _ <>"$STUB/never"; done';
  const rest = (server = SERVER, client = ':', more = ''): string => `
    mkfifo "$STUB/never"
    ${program('mariadbd', server)}
    ${program('mariadb', `[[ -e $STUB/up ]] || exit 1; [[ $* == *"SELECT 1" ]] || { echo "$*" >>"$STUB/calls"; ${client}; }`)}
    ${more}
    if run_offline_sql "$volume" 7 'SET x'; then echo done; else echo failed; fi`;

  test('runs the SQL on a server that no one can reach, and ends it', async () => {
    expect((await run(rest())).out).toBe('done\n');
    const state = join(sandbox.folder, 'state/copy');
    expect(sandbox.calls.join('\n')).toMatch(/^--no-defaults --skip-ssl -N -B --init-command=SET SESSION [^;]*$/m);
    expect(sandbox.calls.join('\n')).toMatch(new RegExp(` -S ${state}/server.sock -u mysql -e SET x$`));
    const [args, end] = sandbox.read('stub/server').split('\n');
    expect(args.split(' ')).toEqual([
      `--defaults-extra-file=${sandbox.folder}/config/mariadb.cnf`,
      `--datadir=${sandbox.folder}/volume`,
      `--tmpdir=${sandbox.folder}/copies`,
      '--server-id=7',
      '--read-only=0',
      '--event-scheduler=OFF',
      '--skip-ssl',
      '--loose-innodb-buffer-pool-load-at-startup=0',
      '--skip-networking',
      `--socket=${state}/server.sock`,
      `--pid-file=${state}/server.pid`,
    ]);
    expect(end).toBe('stopped');
  });

  test('fails where the SQL does, and ends the server all the same', async () => {
    expect((await run(rest(SERVER, 'exit 1'))).out).toBe('failed\n');
    expect(sandbox.read('stub/server')).toMatch(/\nstopped\n$/);
  });

  test('fails where the server does not start, and says why', async () => {
    expect(await run(rest('printf "%s\\n" 1 2 3 4 5 "no room"; exit 1'))).toMatchObject({
      out: 'failed\n',
      log: ['2', '3', '4', '5', 'no room'],
    });
  });

  test.each([
    ['the server ends badly', rest(SERVER.replace('exit 0', 'exit 1'))],
    ['it cannot be written out', rest(SERVER, ':', 'sync() { return 1; }')],
  ])('fails where %s', async (_, script) => {
    expect((await run(script)).out).toBe('failed\n');
  });

  test("leaves the pod's own socket to its server", async () => {
    expect((await run(`${rest()}; echo "$socket"`)).out).toBe('done\n/run/mysqld/mysqld.sock\n');
  });
});

describe('engine_initialise', () => {
  const initialise = (entryPoint: string): string => `
    ${program('docker-entrypoint.sh', entryPoint)}
    mkdir "$volume/incoming"; engine_initialise "$volume/incoming" || exit 9`;

  test("calls the entry point, which finds our only-init.sh under the server's name", async () => {
    const { status, out } = await run(
      initialise(
        'readlink "$(command -v "$1")"; echo "$@"; echo "$MARIADB_ROOT_PASSWORD_FILE $MARIADB_DATABASE"; echo "$identity"',
      ),
      0,
    );
    const [server, args, environment, identity] = out.split('\n');
    expect(status).toBe(0);
    expect(server).toBe(`${sandbox.folder}/scripts/only-init.sh`);
    expect(args).toBe(
      `mariadbd --defaults-extra-file=${sandbox.folder}/config/mariadb.cnf --datadir=${sandbox.folder}/volume/incoming --event-scheduler=OFF --strict-password-validation=0 --default-password-lifetime=0 --loose-simple-password-check=OFF --loose-cracklib-password-check=OFF --loose-password-reuse-check=OFF --server-id=1 --socket=/run/mysqld/mysqld.sock`,
    );
    expect(environment).toBe(`${sandbox.folder}/credentials/superuser-password shop`);
    expect(identity).toMatch(/^[0-9a-f]{32}$/);
    expect(sandbox.read('volume/incoming/identity')).toBe(`${identity}\n`);
  });

  test('makes another identity each time', async () => {
    const identities = [];
    for (let i = 0; i < 2; i++) {
      await run(initialise(':'), 0);
      identities.push(sandbox.read('volume/incoming/identity'));
    }
    expect(identities[0]).not.toBe(identities[1]);
  });

  test('fails where the entry point does: that is no data', async () => {
    expect((await run(initialise('exit 1'), 0)).status).toBe(9);
    expect(sandbox.list('volume/incoming')).toEqual([]);
  });
});

describe('engine_run', () => {
  const become = `
    docker-entrypoint.sh() { printf '%s\\n' "$@"; }
    exec() { "$@"; }
    mkdir -p "$volume/current" && echo 7f >"$volume/current/identity" && touch "$config/mariadb.cnf"
    engine_run "$volume/current"`;

  test.each([
    [0, 0, 1],
    [1, 1, 2],
    [2, 1, 3],
    [10, 1, 11],
  ])('ordinal %i becomes a server with read_only %i and the id %i', async (ordinal, readOnly, id) => {
    const { out } = await run(become, ordinal);
    expect(out.split('\n')).toEqual([
      'mariadbd',
      `--defaults-extra-file=${sandbox.folder}/config/mariadb.cnf`,
      `--datadir=${sandbox.folder}/volume/current`,
      `--tmpdir=${sandbox.folder}/volume/temporary`,
      '--socket=/run/mysqld/mysqld.sock',
      `--server-id=${id}`,
      `--report-host=orders-${ordinal}`,
      `--read-only=${readOnly}`,
      `--master-info-file=${sandbox.folder}/state/copy/master.info`,
      ...(ordinal > 0 ? ['--event-scheduler=OFF'] : []),
      `--ssl-cert=${sandbox.folder}/state/certificates/server.pem`,
      `--ssl-key=${sandbox.folder}/state/certificates/server-key.pem`,
      '',
    ]);
  });

  test('a certificate that the user brought has precedence', async () => {
    pod();
    const conf = (text: string): Promise<Result> => go(`printf '%s' '${text}' >"$config/mariadb.cnf"; ${become}`);
    expect((await conf('[mariadbd]\nssl_cert = /tls/tls.crt\nssl_key = /tls/tls.key\n')).out).not.toContain('--ssl-');
    expect((await conf('[mariadbd]\nssl_cipher = x\n')).out).toContain('--ssl-cert=');
  });

  test('temporary files of a former server are gone, and there is room for new ones', async () => {
    pod();
    sandbox.write('volume/temporary/MYsort1', 'large');
    await go(become);
    expect(sandbox.list('volume/temporary')).toEqual([]);
  });

  test("a server's id is a number", async () => {
    pod(0);
    sandbox.write('volume/current/server-id', '1048600\n');
    expect((await go(become)).out).toContain('\n--server-id=1048600\n');
    sandbox.write('volume/current/server-id', 'x --init-file=y\n');
    expect(await go(become)).toMatchObject({ status: 1, out: '' });
  });
});

test('a replica begins without its relay log, which may be torn, and ordinal 0 keeps all', async () => {
  const files = [
    'ibdata1',
    'identity',
    'master.info',
    'multi-master.info',
    'relay-log.info',
    'relay.000001',
    'relay.index',
  ];
  const become = `docker-entrypoint.sh() { :; }; exec() { "$@"; }; touch "$config/mariadb.cnf"; mkdir -p "$volume/current"; touch "$volume/current"/{${files.join(',')}}; engine_run "$volume/current"`;
  await run(become, 1);
  expect(sandbox.list('volume/current')).toEqual(['ibdata1', 'identity']);
  await run(become, 0);
  expect(sandbox.list('volume/current')).toEqual(files);
});
