import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Result, Sandbox } from '../../core/scripts/sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// The functions of engine.sh that decide something. What PostgreSQL itself says is a function or a program of the
// test's; whether it would say so, only the end-to-end tests can tell.

function run(script: string, ordinal = 2, settings: { [name: string]: string } = {}): Promise<Result> {
  sandbox = new Sandbox(
    ordinal,
    { replication_user: 'replicator', user: 'app', database: 'app', read_only: 'no', ...settings },
    { scriptsOf: 'postgres' },
  );
  return go(script);
}
function go(script: string): Promise<Result> {
  return sandbox.run(`bin=$STUB\n${script}`, { PG_MAJOR: '17' });
}
/** A program of PostgreSQL's that prints what it is to print. */
function program(name: string, prints: string): string {
  return `cat >"$STUB/${name}" <<'END'\n#!/usr/bin/env bash\ncat <<'TEXT'\n${prints}\nTEXT\nEND\nchmod +x "$STUB/${name}"\n`;
}

describe('engine_prepare', () => {
  test.each([
    ['plain', 'plain'],
    ['a:b', 'a\\:b'],
    ['a\\b', 'a\\\\b'],
    ['\\:', '\\\\\\:'],
    ['it\'s "$HOME" %s *', 'it\'s "$HOME" %s *'],
    ['-n', '-n'],
  ])('libpq reads the password %s from the file', async (password, written) => {
    sandbox = new Sandbox(1, { replication_user: 'replicator' }, { scriptsOf: 'postgres' });
    for (const key of ['replication-password', 'superuser-password', 'password'])
      sandbox.write(`credentials/${key}`, password);
    expect((await go('engine_prepare; engine_prepare')).status).toBe(0);
    expect(sandbox.read('state/pgpass')).toBe(`*:*:*:replicator:${written}\n`);
    expect(statSync(join(sandbox.folder, 'state/pgpass')).mode & 0o777).toBe(0o600); // libpq refuses others
    expect(sandbox.list('state')).toEqual(['pgpass']);
  });
});

test.each([
  ['an empty key', '', /no password, or an empty one/],
  ['a carriage return', 'secret\r\n', /password has a carriage return \(CR\)/],
  ['two lines', 'a\nb', /line break/],
])('a Secret with %s is refused', async (_, password, why) => {
  sandbox = new Sandbox(1, { replication_user: 'replicator' }, { scriptsOf: 'postgres' });
  for (const key of ['replication-password', 'superuser-password']) sandbox.write(`credentials/${key}`, 'good');
  sandbox.write('credentials/password', password);
  expect(await go('engine_prepare; echo on')).toMatchObject({ status: 1, out: '', log: [expect.stringMatching(why)] });
});

describe('engine_replayed_position', () => {
  // One row: whether it recovers, whom it receives from, whom it is told to follow, whether its replay is paused,
  // whether it waits for more log, where it is.
  const asked = (row: string, before = ''): string => `
    ask_sql() { echo '${row}'; }; identify() { echo '7|2|0/40|'; }; history_at() { [[ $2 == 2 ]] && echo 1@0/10; }
    ${before}
    engine_replayed_position orders-1 || exit 9`;

  test('is identity, timeline, log and history', async () => {
    expect(await run(asked('t|||f|t|0/30'))).toMatchObject({ status: 0, out: '7 2 0/30 1@0/10\n' });
  });

  test.each([
    ['receives from another', 't|10.0.0.7|10.0.0.7|f|t|0/30', 'still receives from 10.0.0.7\n'],
    ['receives from another, though it was told not to', 't|10.0.0.7||f|t|0/30', 'still receives from 10.0.0.7\n'],
    ['would connect to another again', 't||10.0.0.7|f|t|0/30', 'still receives from 10.0.0.7\n'],
    ['receives from one whose address is code', 't|x$(id)||f|t|0/30', 'still receives from another server\n'],
    ['still replays', 't|||f|f|0/30', 'still applies what it received\n'],
    ['has its replay paused', 't|||t|f|0/30', 'has its replay paused: SELECT pg_wal_replay_resume() there\n'],
    ['was promoted', 'f||||f|0/30', 'accepts writes: it was promoted by hand\n'],
    ['is nowhere', 't|||f|t|', ''],
    ['is where code is', 't|||f|t|x[$(touch "$state/pwned")]', ''],
  ])('is none of one that %s', async (_, row, why) => {
    expect(await run(asked(row))).toMatchObject({ status: 9, out: why });
    expect(sandbox.has('state/pwned')).toBe(false);
  });

  test.each([
    ['does not answer', 'ask_sql() { false; }'],
    ['does not say who it is', 'identify() { false; }'],
    ['does not say where it comes from', 'history_at() { false; }'],
  ])('is none of one that %s', async (_, before) => {
    expect(await run(asked('t|||f|t|0/30', before))).toMatchObject({ status: 9, out: '' });
  });
});

describe('engine_recover', () => {
  // The source stands at a position each time that it is asked; what the new server has replayed; whether it can be
  // promoted.
  const recover = (positions: string[], replayed = '0/30', promoted = 't'): string => `
    pause() { :; }
    printf '%s\\n' ${positions.map((position) => `'${position}'`).join(' ')} >"$STUB/positions"
    engine_replayed_position() { sed -n 1p "$STUB/positions"; sed -i 1d "$STUB/positions"; }
    engine_copy() { mkdir "$2"; }; start_offline_server() { echo start; cat "$role_conf"; }; stop_offline_server() { echo stop; }
    local_sql() { case $1 in *promote*) echo promote >&2; echo ${promoted} ;; *) echo ${replayed} ;; esac; }
    if engine_recover orders-1.orders "$volume/incoming"; then echo recovered; else echo failed; fi`;

  test('follows the source to its last record, and promotes', async () => {
    const { out, log } = await run(recover(['7 1 0/30 -', '7 1 0/30 -']), 0);
    expect(out).toMatch(/^start\nprimary_conninfo = 'host=orders-1\.orders .*'\n[^]*\nstop\nrecovered\n$/);
    expect(log).toEqual(['promote']);
    expect(sandbox.has('volume/incoming/standby.signal')).toBe(true);
    expect(sandbox.has('state/role.conf')).toBe(false);
  });

  test('does not promote where the source got more meanwhile', async () => {
    const { out, log } = await run(recover(['7 1 0/30 -', '7 1 0/38 -']), 0);
    expect(out).toMatch(/\nstop\nfailed\n$/);
    expect(log).toEqual(['orders-1 changed while it was copied']);
  });

  test.each([
    ['the new server does not answer', recover(['7 1 0/30 -', '7 1 0/30 -'], '')],
    ['it is not promoted', recover(['7 1 0/30 -', '7 1 0/30 -'], '0/30', 'f')],
  ])('fails where %s', async (_, script) => {
    expect((await run(script, 0)).out).toMatch(/\nstop\nfailed\n$/);
  });
});

describe('engine_reserve_log', () => {
  // The primary, orders-0, is at 0/20; the source is asked again and again.
  const reserve = (source: string, replayed: string): string => `
    pause() { :; }
    printf '%s\\n' ${replayed} >"$STUB/replayed"
    ask_by() { printf 'slot\\n0/20\\n'; }
    ask_sql() {
      local lines
      mapfile -t lines <"$STUB/replayed"
      printf '%s\\n' "\${lines[@]:1}" >"$STUB/replayed"
      echo asked >&2
      [[ \${lines[0]} != gone ]] && echo "\${lines[0]}"
    }
    engine_reserve_log orders-0 ${source}`;

  test('returns when the source has replayed what the primary had', async () => {
    expect(await run(reserve('orders-1', '0/10 0/1F 0/20 0/30'))).toMatchObject({
      status: 0,
      log: ['asked', 'asked', 'asked'],
    });
  });

  test('asks none where the source is the primary', async () => {
    expect(await run(reserve('orders-0', 'gone'))).toMatchObject({ status: 0, log: [] });
  });

  test('fails where the source goes, or the primary', async () => {
    expect((await run(`${reserve('orders-1', '0/10 gone')} || exit 9`)).status).toBe(9);
    expect(
      (await run('ask_by() { echo gone >&2; false; }; engine_reserve_log orders-0 orders-1 || exit 9')).status,
    ).toBe(9);
  });
});

test('log_progress logs a line a tenth, and all that is no progress', async () => {
  const lines = [0, 3, 9, 10, 12, 19, 20, 55, 56, 64, 65, 99, 100].map(
    (percent) => `  ${percent}0/1000 kB (${percent}%), 0/1 tablespace`,
  );
  const { log } = await run(
    `log_progress <<'END'\nwaiting for checkpoint\n${lines.join('\n')}\npg_basebackup: error: gone\nEND`,
  );
  expect(log.map((line) => /\((\d+)%\)/.exec(line)?.[1] ?? line)).toEqual([
    'waiting for checkpoint',
    '10',
    '20',
    '55',
    '65',
    '99',
    'pg_basebackup: error: gone',
  ]);
  expect(log[1]).toBe('100/1000 kB (10%), 0/1 tablespace');
});

describe('engine_copy', () => {
  const copy = (backup: string, verified: string): string => `
    printf '#!/bin/sh\\n${backup}\\n' >"$STUB/pg_basebackup"; printf '#!/bin/sh\\n${verified}\\n' >"$STUB/pg_verifybackup"
    chmod +x "$STUB"/pg_*; if engine_copy orders-1 "$volume/incoming"; then echo copied; else echo failed; fi`;

  test.each([
    ['whole and verified', 'exit 0', 'exit 0', 'copied'],
    ['which broke off, though its log was read to the end', 'exit 1', 'exit 0', 'failed'],
    ['which does not match its manifest', 'exit 0', 'exit 1', 'failed'],
  ])('%s', async (_, backup, verified, expected) => {
    expect((await run(copy(backup, verified))).out).toBe(`${expected}\n`);
  });
});

describe('a replica has at least the limits of its primary', () => {
  const LIMITS = [
    'max_connections',
    'max_worker_processes',
    'max_wal_senders',
    'max_prepared_transactions',
    'max_locks_per_transaction',
  ];
  const controlled = program(
    'pg_controldata',
    [
      'max_connections setting:              100',
      'max_worker_processes setting:         8',
      'max_wal_senders setting:              10',
      'max_prepared_xacts setting:           5',
      'max_locks_per_xact setting:           64',
      'track_commit_timestamp setting:       off',
    ].join('\n'),
  );

  /** What the server says of its configuration, by name. */
  const says = (values: (number | string)[]): string => {
    const answers = LIMITS.map((name, i) => `"-C ${name} -D x -c config_file="*/server.conf) echo ${values[i]} ;;`);
    return `printf '%s\\n' '#!/usr/bin/env bash' 'case $* in ${answers.join(' ')} esac' >"$STUB/postgres"; chmod +x "$STUB/postgres"`;
  };

  test.each<[string, (number | string)[], (number | undefined)[]]>([
    ['where they are the same', [100, 8, 10, 5, 64], []],
    ['where they were lowered', [50, 8, 9, 5, 64], [100, undefined, 10]],
    ['where they were raised, by a configuration that does not name them', [200, 9, 10, 6, 65], []],
    ['where the server does not say it', ['', 'FATAL', 10, 5, 64], [100, 8]],
  ])('%s', async (_, configured, expected) => {
    const { out, log } = await run(`
      ${controlled}
      ${says(configured)}
      role=()
      keep_primary_limits x
      printf '%s ' "\${role[@]}"`);
    expect(log).toEqual([]);
    expect(out.trim()).toBe(
      expected.flatMap((value, i) => (value === undefined ? [] : [`-c ${LIMITS[i]}=${value}`])).join(' '),
    );
  });
});

describe('engine_run', () => {
  const become = `
    docker-entrypoint.sh() { printf '%s\\n' "$PGDATA" "$@"; }
    exec() { "$@"; }
    keep_primary_limits() { :; }
    mkdir -p "$volume/current"
    engine_run "$volume/current"`;

  test('makes ordinal 0 a server that follows no one', async () => {
    const { out } = await run(become, 0);
    const words = [
      `${sandbox.folder}/volume/current`,
      'cluster_name=orders-0',
      'primary_conninfo=',
      'primary_slot_name=',
    ];
    expect(out.split('\n')).toEqual(expect.arrayContaining(words));
    expect(sandbox.has('volume/current/standby.signal')).toBe(false);
  });

  test('makes any other one a replica, which follows no one before sync.sh has asked the primary', async () => {
    const { out } = await run(`: >"$state/role.conf"; : >"$state/reload"; ${become}`, 2);
    expect(out).not.toMatch(/^primary_conninfo=/m); // on the command line it could not be changed
    expect(sandbox.has('volume/current/standby.signal')).toBe(true);
    expect(sandbox.has('state/role.conf') || sandbox.has('state/reload')).toBe(false);
    expect(out).toContain('default_transaction_read_only=on');
    const file = /^config_file=(.*)$/m.exec(out)?.[1] ?? '';
    expect(file).toBe(`${sandbox.folder}/state/server.conf`);
    expect(sandbox.read('state/server.conf')).toBe(
      `include '${sandbox.folder}/config/postgresql.conf'\ninclude_if_exists '${sandbox.folder}/state/role.conf'\n`,
    );
  });

  test('whose restore_command has it read role.conf, if sync.sh nudges, and restores nothing', async () => {
    const { out } = await run(become, 2);
    const command = /^restore_command=(.*)$/m.exec(out)?.[1] ?? '';
    const nudged = await go(`cd "$STUB"; echo 4711 >postmaster.pid; kill() { echo "kill $*"; }
      again() { ${command}; }; again || echo none; : >"$state/reload"; again || echo none; again || echo none`);
    expect(nudged.out).toBe('none\nkill -HUP 4711\nnone\nnone\n');
  });

  test.each([
    ['none', {}, "''"],
    ['one of two', { synchronous_replicas: '1' }, '\'ANY 1 ("orders-1", "orders-2")\''],
  ])('has the commits of ordinal 0 wait for %s, from its first moment on', async (_, settings, names) => {
    await run(become, 0, settings);
    expect(sandbox.read('state/role.conf')).toBe(`synchronous_standby_names = ${names}\n`);
  });

  test.each([0, 2])('has on the command line, at ordinal %i, what must hold whatever a file says', async (ordinal) => {
    const { out } = await run(become, ordinal);
    expect(out.split('\n')).toEqual(
      expect.arrayContaining([
        'fsync=on',
        'full_page_writes=on',
        'port=1',
        'listen_addresses=*',
        'unix_socket_directories=/var/run/postgresql',
        `hba_file=${sandbox.folder}/config/pg_hba.conf`,
        'hot_standby=on',
        'password_encryption=scram-sha-256',
        'allow_alter_system=off',
      ]),
    );
    await sandbox.dispose();
    expect((await run(become, ordinal, { alter_system: 'yes' })).out).not.toContain('allow_alter_system');
  });

  describe('what ALTER SYSTEM wrote', () => {
    const wrote = `mkdir -p "$volume/current"; printf "# do not edit\\nwork_mem = '8MB'\\n PRIMARY_conninfo = 'host=evil'\\nport = '1'\\n" >"$volume/current/postgresql.auto.conf"; ${become}`;

    test('is not read, and the log says what it was', async () => {
      const { log } = await run(wrote, 0);
      expect(sandbox.read('volume/current/postgresql.auto.conf').trim()).toBe('');
      expect(log).toEqual([
        "ignoring what ALTER SYSTEM wrote, use the prop 'parameters': work_mem = '8MB';  PRIMARY_conninfo = 'host=evil'; port = '1'",
      ]);
    });

    test('is read where it is allowed, but for what decides who follows whom and how the server is reached', async () => {
      const { log } = await run(wrote, 0, { alter_system: 'yes', reserved_settings: 'port|primary_conninfo|fsync' });
      expect(sandbox.read('volume/current/postgresql.auto.conf')).toBe("# do not edit\nwork_mem = '8MB'\n");
      expect(log).toEqual([expect.stringContaining('host=evil')]);
    });

    test('is left as it is where there is nothing of it', async () => {
      const { log } = await run(
        `mkdir -p "$volume/current"; echo '# do not edit' >"$volume/current/postgresql.auto.conf"; ${become}`,
        0,
      );
      expect([sandbox.read('volume/current/postgresql.auto.conf'), log]).toEqual(['# do not edit\n', []]);
    });
  });

  describe('notes where the data of a replica is', () => {
    const at = (control: { [name: string]: string | number }, timelines: { [name: string]: string } = {}): string => `
      ${program(
        'pg_controldata',
        Object.entries({
          'Database system identifier': 7,
          'Latest checkpoint location': '0/20',
          "Latest checkpoint's TimeLineID": 1,
          'Minimum recovery ending location': '0/30',
          "Min recovery ending loc's timeline": 1,
          ...control,
        })
          .map(([name, value]) => `${name}:     ${value}`)
          .join('\n'),
      )}
      mkdir -p "$volume/current/pg_wal"
      ${Object.entries(timelines)
        .map(([name, text]) => `printf '${text}' >"$volume/current/pg_wal/${name}.history"`)
        .join('\n')}
      ${become}`;

    test.each<[string, Parameters<typeof at>, string]>([
      ['of a replica', [{}], '7 1 0/30 -\n'],
      [
        'of one that was a primary',
        [{ 'Minimum recovery ending location': '0/0', "Min recovery ending loc's timeline": 0 }],
        '7 1 0/20 -\n',
      ],
      [
        'of a later timeline',
        [{ "Min recovery ending loc's timeline": 2 }, { '00000002': '1\\t0/28\\tno reason\\n' }],
        '7 2 0/30 1@0/28\n',
      ],
      ['of a timeline without a history', [{ "Min recovery ending loc's timeline": 2 }], ''],
      ['of nothing that is known', [{ 'Latest checkpoint location': 'x[$(id)]' }], ''],
    ])('%s', async (_, [control, timelines], expected) => {
      await run(at(control, timelines), 2);
      expect(sandbox.read('state/at-rest')).toBe(expected);
    });
  });

  describe('read-only', () => {
    const readOnly = { read_only: 'yes' };
    const controlled = (state: string, prepared: number): string =>
      program(
        'pg_controldata',
        `Database cluster state:               ${state}\nmax_prepared_xacts setting:           ${prepared}`,
      ) + become;
    const stopped = controlled('shut down', 0);

    test('makes ordinal 0 one that recovers, from no one, and that is silent about it', async () => {
      const { out, log } = await run(stopped, 0, readOnly);
      expect(out.split('\n')).toEqual(expect.arrayContaining(['primary_conninfo=', 'wal_retrieve_retry_interval=1h']));
      expect(sandbox.has('volume/current/standby.signal')).toBe(true);
      expect(log).toEqual([]);
    });

    test('changes nothing for the others', async () => {
      const { out } = await run(stopped, 1, readOnly);
      expect(out).toMatch(/^default_transaction_read_only=on$/m);
      expect(out).not.toContain('wal_retrieve_retry_interval');
    });

    test.each([
      ['an unlogged table', 'base/5/16384_init'],
      ['a prepared transaction', 'pg_twophase/0000000000000123'],
    ])('not with %s, which would be lost', async (_, file) => {
      const { out, log } = await run(
        stopped.replace('engine_run', `mkdir -p "$volume/current/${file}"; engine_run`),
        0,
        readOnly,
      );
      expect(out).not.toContain('wal_retrieve_retry_interval');
      expect(sandbox.has('volume/current/standby.signal')).toBe(false);
      expect(log).toEqual(['NOT READ-ONLY: there are unlogged tables or prepared transactions, which would be lost']);
    });

    test.each([
      ['after a crash with prepared transactions allowed, which may be in the log only', 'in production', 5, false],
      ['after a crash, where there can be none', 'in production', 0, true],
      ['after it was stopped in order, with prepared transactions allowed', 'shut down', 5, true],
      ['again after it died as a read-only one', 'in archive recovery', 5, true],
    ])('%s', async (_, state, prepared, expected) => {
      const { log } = await run(controlled(state, prepared), 0, readOnly);
      expect(sandbox.has('volume/current/standby.signal')).toBe(expected);
      expect(log.join()).toMatch(
        expected ? /^$/ : /^NOT READ-ONLY: the server was not shut down cleanly.* Delete the pod$/,
      );
    });
  });
});

describe('engine_initialise', () => {
  const initialise = (before = ''): Promise<Result> =>
    run(
      `
    docker-ensure-initdb.sh() { printf '%s\\n' "$POSTGRES_INITDB_ARGS" "$PGPORT" "$@"; }
    ${before}
    engine_initialise "$volume/incoming"`,
      0,
    );

  test("orders text by PostgreSQL's own rules, takes no huge pages, and has no setting end the entry point's statements", async () => {
    const lines = (await initialise('POSTGRES_INITDB_ARGS=--data-checksums')).out.split('\n');
    expect(lines.slice(0, 2)).toEqual([
      '--data-checksums -c huge_pages=off --locale-provider=builtin --builtin-locale=C.UTF-8',
      '1',
    ]);
    expect(lines).toEqual(
      expect.arrayContaining([
        'synchronous_standby_names=',
        'huge_pages=off',
        'statement_timeout=0',
        'default_transaction_read_only=off',
        'default_transaction_isolation=read committed',
        'allow_alter_system=off',
      ]),
    );
  });

  test.each([
    '--locale=de_DE.utf8',
    '--locale-provider=icu --icu-locale=de',
    '--lc-collate=C',
    '--no-locale',
    '-E LATIN1',
    '--encoding=LATIN1',
  ])('orders it as %s says', async (argument) => {
    expect((await initialise(`POSTGRES_INITDB_ARGS='--data-checksums ${argument}'`)).out.split('\n')[0]).toBe(
      `--data-checksums ${argument} -c huge_pages=off`,
    );
  });
});
