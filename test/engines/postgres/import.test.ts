import { Result, Sandbox } from '../../core/scripts/sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// The functions of import.sh. What the two databases say, and what PostgreSQL's programs do, is the test's; that the
// data arrives, only the end-to-end test can tell.

function run(script: string, password = 'secret'): Promise<Result> {
  sandbox = new Sandbox(
    0,
    {
      replication_user: 'replicator',
      user: 'app',
      database: 'app',
      read_only: 'no',
      source_host: 'old-primary',
      source_port: '6432',
    },
    { scriptsOf: 'postgres' },
  );
  sandbox.write('source/superuser-password', password);
  return sandbox.run(
    `. "$scripts/volume.sh"; . "$scripts/import.sh"; bin=$STUB source_credentials=${sandbox.folder}/source\n${script}`,
    { PG_MAJOR: '18' },
  );
}
/** Whether it holds; else, what it says must be done. */
async function verdict(condition: string, before: string): Promise<string> {
  const { out, log } = await run(`${before}\nwhy=; if ${condition}; then echo holds; else echo "$why"; fi`);
  expect(log).toEqual([]);
  return out.trimEnd();
}

describe('can_import', () => {
  // A set in order, of which each test spoils one thing.
  const source = `
    their_version=17 closed='' their_size=1000 available=' plpgsql pg_trgm '
    ask_source() {
      case $2 in
        *server_version_num*) if [[ $their_version == 1? ]]; then echo "$their_version"; else echo "$their_version" >&2; return 2; fi ;;
        *'NOT datallowconn'*) printf %s "$closed" ;;
        *datname*) printf 'template1\\napp\\n' ;;
        *extname*) echo plpgsql; [[ $1 != app ]] || echo pg_trgm ;;
        *pg_database_size*) [[ $their_size != none ]] && echo "$their_size" ;;
      esac
    }
    core_has_room_for() { (($1 < 10000)); }
    at_target() { for word; do [[ $word != name=* || $available != *" \${word#name=} "* ]] || echo 1; done; }`;

  test('where all is in order', async () => {
    expect(await verdict('can_import', source)).toBe('holds');
  });

  test.each([
    [
      'of a newer version',
      'their_version=19',
      'STOPPED: old-primary runs PostgreSQL 19, this set 18: data goes to newer versions only',
    ],
    [
      'that does not answer',
      'their_version=\'psql: error: connection to server at "old-primary", port 6432 failed: Connection refused\n\tIs the server running?\'',
      'waiting for old-primary to accept connections: connection to server at "old-primary", port 6432 failed: Connection refused',
    ],
    [
      'that refuses the password',
      'their_version=\'psql: error: FATAL:  password authentication failed for user "postgres"\'',
      "old-primary refuses the superuser's password: the Secret that 'importFrom' names must be that set's own. If another is named, delete this pod",
    ],
    [
      'that lets its superuser in from its own pods only',
      'their_version=\'psql: error: FATAL:  pg_hba.conf rejects connection for host "10.0.0.9", user "postgres"\'',
      "old-primary accepts the superuser from its own pods only: set 'superuserFromNetwork: true' on that set until the import is done",
    ],
    ['whose size is code', 'their_size="x[\\$(id)]"', 'waiting for old-primary to answer'],
    [
      'with a database that no one may enter',
      'closed=archive',
      'database archive of old-primary allows no connections, so that its data cannot be read: ALTER DATABASE ... ALLOW_CONNECTIONS true, or drop it',
    ],
    [
      'with an extension that is not here',
      'available=" plpgsql "',
      "database app of old-primary has the extension pg_trgm, which this set's image does not have: give 'version' an image that has it and delete this pod, or drop the extension there",
    ],
    [
      'that is too large',
      'their_size=20000',
      "old-primary has 20000 bytes, which is too much for this volume: delete this set and its PVCs, and create it with a larger 'size'",
    ],
    ['that falls silent', 'their_size=none', 'waiting for old-primary to answer'],
  ])('not of a source %s', async (_, spoilt, expected) => {
    expect(await verdict('can_import', `${source}\n${spoilt}`)).toBe(expected);
  });

  test.each([
    ['without the Secret', 'rm "$source_credentials/superuser-password"'],
    ['with an empty password', ': >"$source_credentials/superuser-password"'],
  ])('not %s', async (_, spoilt) => {
    expect(await verdict('can_import', `${source}\n${spoilt}`)).toBe(
      "waiting for the Secret of old-primary: it is not there, or has no superuser's password. 'importFrom' names it",
    );
  });
});

describe('is_read_only', () => {
  test.each([
    ['a primary in recovery that has replayed all', 't|t|t', 'holds'],
    ['one that still replays', 't|t|f', 'waiting for old-primary to have replayed its log'],
    [
      'a primary that takes writes',
      'f|t|f',
      "ready to import; waiting for old-primary to become read-only: set 'readOnly: true' on that set when its writes may stop",
    ],
    [
      'a replica',
      't|f|t',
      "STOPPED: old-primary is a replica, which may lack what its primary has: name the primary in 'importFrom'",
    ],
  ])('%s', async (_, row, expected) => {
    expect(await verdict('is_read_only', `ask_source() { echo '${row}'; }`)).toBe(expected);
  });

  test('not where no one answers', async () => {
    expect(await verdict('is_read_only', 'ask_source() { return 2; }')).toBe('waiting for old-primary to answer');
  });
});

test('await says once what must be done, and again when that changes', async () => {
  const { log } = await run(`
    pause() { :; }
    looks=(one one two two)
    holds() { why=\${looks[0]:-}; looks=("\${looks[@]:1}"); [[ -z $why ]]; }
    await holds; log done`);
  expect(log).toEqual(['one', 'two', 'done']);
});

describe('import_from_source', () => {
  const steps = `
    note() { echo "$*"; }
    engine_initialise() { note initialise; }; start_offline_server() { note start; }; stop_offline_server() { note stop; }; await() { note "await $1"; }
    import_everything() { note take over; }; core_has_room_for() { :; }
    printf '#!/bin/sh\\n' >"$STUB/initdb"; chmod +x "$STUB/initdb"`;
  const outcome = '; if import_from_source "$core_incoming"; then note imported; else note failed; fi';
  const waiting = [
    'initialise',
    'start',
    'await can_import',
    'await is_read_only',
    'await can_import',
    'take over',
    'stop',
  ];

  test('makes and starts the new database before it waits for writes to stop', async () => {
    expect((await run(steps + outcome)).out.split('\n').slice(0, -1)).toEqual([...waiting, 'imported']);
  });

  test('fails if the data could not be imported, and has the server stopped', async () => {
    const { out, log } = await run(
      `${steps}; import_everything() { note take over; return 1; }; core_has_room_for() { return 1; }${outcome}`,
    );
    expect(out.split('\n').slice(0, -1)).toEqual([...waiting, 'failed']);
    expect(log).toEqual(["the volume is full: delete this set and its PVCs, and create it with a larger 'size'"]);
  });

  test.each([
    ['the server did not stop', 'stop_offline_server() { return 1; }'],
    ['the files could not be synced', 'printf "#!/bin/sh\\nexit 1\\n" >"$STUB/initdb"'],
    ['the server did not start', 'start_offline_server() { return 1; }'],
    ['could not initialise the database', 'engine_initialise() { return 1; }'],
  ])('fails where %s', async (_, spoilt) => {
    expect((await run(`${steps}; ${spoilt}${outcome}`)).out).toMatch(/\nfailed\n$|^failed\n$/);
  });
});

describe('import_everything', () => {
  const steps = `
    state_of_source() { next "$STUB/states"; }; databases_at_source() { printf 'template1\\napp\\nware house\\n'; }
    next() { local lines; mapfile -t lines <"$1"; echo "\${lines[0]}"; ((\${#lines[@]} == 1)) || printf '%s\\n' "\${lines[@]:1}" >"$1"; }
    echo '7|t|0/10' >"$STUB/states"
    import_roles() { echo roles; }; import_database() { echo "import $1"; }; compare() { echo "compare $1"; }; at_target() { echo "\${2##*/}"; }
    rm "$scripts/roles.sh"; printf '#!/bin/sh\\necho passwords\\n' >"$scripts/roles.sh"; chmod +x "$scripts/roles.sh"`;
  const all = [
    'roles',
    'import template1',
    'import app',
    'import ware house',
    'passwords',
    'vacuumdb',
    'compare template1',
    'compare app',
    'compare ware house',
  ];

  test('takes roles, then each database, then compares', async () => {
    const { status, out } = await run(`${steps}\nimport_everything`);
    expect([status, out.split('\n').slice(0, -1)]).toEqual([0, all]);
  });

  test.each([
    ['roles', 'import_roles() { return 1; }', 0],
    ['a database', 'import_database() { echo "import $1"; [[ $1 != app ]]; }', 3],
    ['the statistics', 'at_target() { return 1; }', 5],
    ['a comparison', 'compare() { [[ $1 != app ]]; }', 6],
  ])('fails with %s, and goes no further', async (_, spoilt, steps_) => {
    const { out, log } = await run(`${steps}\n${spoilt}\nimport_everything || echo failed`);
    expect(out.split('\n').slice(0, -1)).toEqual([...all.slice(0, steps_), 'failed']);
    expect(log.join()).not.toContain('imported and compared');
  });

  test.each([
    ['was written to', '7|t|0/18'],
    ['was made writable', '7|f|'],
    ['is another one now', '8|t|0/10'],
    ['is gone', ''],
  ])('fails where the source %s meanwhile', async (_, later) => {
    const { out, log } = await run(
      `${steps}\nprintf '7|t|0/10\\n${later}\\n' >"$STUB/states"\nimport_everything || echo failed`,
    );
    expect(out).toMatch(/\nfailed\n$/);
    expect(log.at(-1)).toBe('old-primary changed during the import');
  });
});

test('import_roles creates none that there is already, whatever its name, and alters all', async () => {
  const { out } = await run(`
    at_source() { printf 'CREATE ROLE app;\\nALTER ROLE app LOGIN;\\nCREATE ROLE "order";\\nALTER ROLE "order" LOGIN;\\nCREATE ROLE application;\\n'; }
    at_target() { printf 'CREATE ROLE app;\\nCREATE ROLE "order";\\n'; }
    psql_at_target() { cat; }
    import_roles`);
  expect(out).toBe('ALTER ROLE app LOGIN;\nALTER ROLE "order" LOGIN;\nCREATE ROLE application;\n');
});

describe('import_database', () => {
  const piped = 'dump() { echo "dump $*"; }; psql_at_target() { echo "into $1: $(cat)"; }; import_database';

  test('makes it again from another one, then goes into it', async () => {
    expect((await run(`${piped} 'ware house'`)).out.split('\n')).toEqual([
      'into postgres: dump ware house --section=pre-data --create --clean --if-exists',
      'into ware house: dump ware house --section=data',
      'into ware house: dump ware house --section=post-data',
      '',
    ]);
  });

  test('of postgres, too, from which it cannot be', async () => {
    expect((await run(`${piped} postgres`)).out).toMatch(/^into template1: dump postgres --section=pre-data /);
  });

  test.each(['pre-data', 'data', 'post-data'])(
    'fails where the %s ends too early, though what came was taken',
    async (section) => {
      const { out } = await run(
        `dump() { echo half; [[ $* != *=${section}* ]]; }; psql_at_target() { cat >/dev/null; }; import_database app || echo failed`,
      );
      expect(out).toBe('failed\n');
    },
  );
});

test.each([
  ['ALTER TABLE ONLY public.stock ALTER COLUMN id SET (pg_attver=56541672);', ''],
  ['ALTER FOREIGN TABLE ONLY public.far ALTER COLUMN id SET (pg_attver=1);', ''],
  [
    'ALTER TABLE ONLY public.t ALTER COLUMN v SET (n_distinct=5, pg_attver=7);',
    'ALTER TABLE ONLY public.t ALTER COLUMN v SET (n_distinct=5);',
  ],
  [
    'ALTER TABLE ONLY public.t ALTER COLUMN v SET (pg_attver=7, n_distinct=5);',
    'ALTER TABLE ONLY public.t ALTER COLUMN v SET (n_distinct=5);',
  ],
  [
    'ALTER TABLE ONLY public.t ALTER COLUMN v SET (n_distinct=5);',
    'ALTER TABLE ONLY public.t ALTER COLUMN v SET (n_distinct=5);',
  ],
  ["    text text DEFAULT 'pg_attver=7'::text", "    text text DEFAULT 'pg_attver=7'::text"],
])('drop_attver of %s', async (line, expected) => {
  const { out } = await run(`drop_attver <<'END'\n${line}\nEND`);
  expect(out).toBe(expected === '' ? '' : `${expected}\n`);
});

describe('compare', () => {
  const compare = (there: string, here: string): Promise<Result> =>
    run(`at_source() { ${there}; }; at_target() { ${here}; }; if compare app; then echo same; else echo not; fi`);
  const rows = 'printf "public.a|3|77\\npublic.b|0|\\n"';

  test('is content with the same', async () => {
    expect(await compare(rows, rows)).toMatchObject({ out: 'same\n', log: [] });
  });

  test.each([
    ['a row is missing', 'printf "public.a|2|70\\npublic.b|0|\\n"', '1c1; < public.a|3|77; ---; > public.a|2|70'],
    ['a table is missing', 'printf "public.a|3|77\\n"', '2d1; < public.b|0|'],
  ])('says what is not, where %s', async (_, here, difference) => {
    expect(await compare(rows, here)).toMatchObject({
      out: 'not\n',
      log: [`database app differs between the source (<) and the copy (>): ${difference}`],
    });
  });

  test.each([
    ['neither side answers', 'false', 'false'],
    ['the source does not', 'false', ':'],
    ['this database does not', ':', 'false'],
  ])('is not content where %s', async (_, there, here) => {
    expect((await compare(there, here)).out).toBe('not\n');
  });
});

test("no one gets the superuser's password who does not prove to know it, and no setting or trigger of the source's reaches our sessions", async () => {
  const { out } = await run(
    'at_source app bash -c \'printf "%s\\n" "$PGREQUIREAUTH" "$PGOPTIONS"\'; at_target app bash -c \'printf "%s\\n" "$PGOPTIONS"\'',
  );
  const [demanded, there, here] = out.split('\n');
  expect(demanded).toBe('scram-sha-256');
  for (const options of [there, here]) {
    for (const setting of [
      'default_transaction_read_only=off',
      'default_transaction_isolation=read\\ committed',
      'event_triggers=off',
      'session_preload_libraries=',
      'role=none',
    ]) {
      expect(options).toContain(`-c ${setting}`);
    }
    expect(options).toMatch(/-c statement_timeout=0\b/);
  }
});

test("rows are compared as text of a row: a cast that the table's owner made is not run", async () => {
  expect((await run('echo "$fingerprint"')).out).toContain('(ROW(t.*))::text');
});

test('no name and no password needs quoting on its way to a program', async () => {
  const password = 'it\'s "$HOME" \\ %s *';
  const { out } = await run(
    'at_source "a b\'c" bash -c \'printf "%s\\n" "$PGDATABASE" "$PGPASSWORD" "$PGHOST" "$PGPORT" "$PGUSER" "$@"\' - --flag',
    password,
  );
  expect(out.split('\n').slice(0, -1)).toEqual(["a b'c", password, 'old-primary', '6432', 'postgres', '--flag']);
});
