import { info, run } from './pod';

// What somebody changed by hand at a running server: what it says by CONFIG GET is in actual_settings.
const RIGHT = {
  appendfsync: 'always',
  'no-appendfsync-on-rewrite': 'no',
  'min-replicas-max-lag': 10,
  'repl-backlog-ttl': 0,
  maxmemory: 1000,
};
const REPLICA = {
  ...RIGHT,
  'min-replicas-to-write': 1000,
  'replica-read-only': 'yes',
  'replica-serve-stale-data': 'yes',
};
const setTo = (values: object): string =>
  `actual_settings=(${Object.entries(values)
    .map(([name, value]) => `[${name}]='${value}'`)
    .join(' ')})`;
const guard = (values: object, role = 'slave', more = ''): string => `
  core_session_ask() { log "\${1//$'\\n'/ + }"; core_answer=(OK); }
  ${info({ role })}; ${setTo(values)}; ${more}
  guard_settings || echo over`;

describe('read_guarded', () => {
  test('takes names and values by turns, behind what else was answered', async () => {
    const { out } =
      await run(`read_guarded stateful $'# Replication\\r' $'role:master\\r' '' appendfsync no maxmemory 0 min-replicas-to-write '' repl-backlog-ttl
      for name in "\${!actual_settings[@]}"; do echo "$name=\${actual_settings[$name]}"; done | sort`);
    expect(out).toBe('appendfsync=no\nmaxmemory=0\nmin-replicas-to-write=\n');
  });

  test('and all that is guarded is asked for, of each ordinal what concerns it', async () => {
    const names = async (ordinal: number): Promise<string[]> =>
      (await run('printf "%s\\n" "${guarded[@]}" | sort', ordinal)).out.split('\n').slice(0, -1);
    expect(await names(0)).toEqual([...Object.keys(RIGHT), 'appendonly'].sort());
    expect(await names(2)).toEqual(Object.keys(REPLICA).sort());
  });
});

describe('guard_settings', () => {
  test('leaves alone what is as it must be, and what was not said', async () => {
    expect(await run(guard({ ...RIGHT, appendonly: 'yes', 'min-replicas-to-write': 1 }, 'master'), 0)).toMatchObject({
      out: '',
      log: [],
    });
    expect(await run(guard(REPLICA))).toMatchObject({ out: '', log: [] });
    expect(await run(guard({}))).toMatchObject({ out: '', log: [] });
  });

  test.each([
    ['appendfsync', 'no', 'always'],
    ['appendfsync', 'everysec', 'always'],
    ['no-appendfsync-on-rewrite', 'yes', 'no'],
    ['appendonly', 'no', 'yes'],
    ['min-replicas-max-lag', '0', '10'],
    ['repl-backlog-ttl', '3600', '0'],
  ])('puts %s back, which was set to %s', async (name, value, right) => {
    expect((await run(guard({ ...RIGHT, appendonly: 'yes', [name]: value }, 'master'), 0)).log).toEqual([
      `${name} was set to ${value} by hand: resetting it to ${right}, as the props say`,
      `CONFIG SET ${name} ${right}`,
    ]);
  });

  test('puts back the limit of memory', async () => {
    expect((await run(guard({ ...RIGHT, maxmemory: 0 }, 'master'), 0)).log).toEqual([
      'maxmemory was set to 0 (no limit) by hand: resetting it to 409mb, as the props say',
      'CONFIG SET maxmemory 409mb',
    ]);
  });

  test('a replica that was only told to take writes, and cannot, is put back', async () => {
    expect(await run(guard({ ...REPLICA, 'min-replicas-to-write': 0 }))).toMatchObject({
      out: '',
      log: [
        'min-replicas-to-write was set to 0 by hand: resetting it to 1000, as the props say',
        'CONFIG SET min-replicas-to-write 1000',
      ],
    });
  });
});

describe('a replica that took writes', () => {
  const own = `read_position() { local_position='7f 2 30 20 P'; }; load_function() { log "$@"; }`;
  const putBack = (from: string): string[] => [
    'this replica accepted writes, as it was changed by hand: resetting it; those writes are discarded, and it copies again',
    'REPLICAOF NO ONE + CONFIG SET min-replicas-to-write 0',
    `stateful stateful_position ${from}`,
  ];
  const REFUSES = [
    'min-replicas-to-write was set to 0 by hand: resetting it to 1000, as the props say',
    'CONFIG SET min-replicas-to-write 1000',
  ];

  test.each<[string, object, string]>([
    ['as a primary without its refusal', { 'min-replicas-to-write': 0 }, 'master'],
    ['with a smaller one', { 'min-replicas-to-write': 1 }, 'master'],
    ['with one that is off', { 'min-replicas-max-lag': 0 }, 'master'],
    ['as a replica', { 'replica-read-only': 'no' }, 'slave'],
  ])('%s: its data says so, it refuses them, and the look is over', async (_, values, role) => {
    const { out, log } = await run(guard({ ...REPLICA, ...values }, role, own));
    expect(out).toBe('over\n');
    expect(log.slice(0, 3)).toEqual(putBack('7f 2 30 20 P strayed'));
    expect(log).toEqual(expect.arrayContaining(REFUSES));
  });

  test('is put back also where its data cannot say so, and says it once', async () => {
    expect(
      (await run(guard({ ...REPLICA, 'min-replicas-to-write': 0 }, 'master', `${own}; load_function() { return 1; }`)))
        .log,
    ).toEqual([...putBack('').slice(0, 2), ...REFUSES]);
    expect(
      (
        await run(
          guard(
            { ...REPLICA, 'min-replicas-to-write': 0 },
            'master',
            `${own}; read_position() { local_position='7f 2 30 20 P strayed'; }`,
          ),
        )
      ).log,
    ).toEqual([...putBack('').slice(0, 2), ...REFUSES]);
  });

  test('ordinal 0 takes them', async () => {
    expect(
      (await run(guard({ ...RIGHT, appendonly: 'yes', 'min-replicas-to-write': 0 }, 'master', own), 0)).log,
    ).toEqual([]);
  });
});

describe('guard_connections', () => {
  const taken = (clients: number, replicas: number, rows: string[]): string => `
    core_session_ask() { log "\${1//$'\\n'/ + }"; core_answer=(${rows.map((row) => `'${row}'`).join(' ')}); }
    ${info({ connected_clients: clients, connected_slaves: replicas, maxclients: 100 })}; guard_connections`;
  const row = (id: number, user: string): string => `id=${id} addr=10.0.0.1:1 name=x age=1 user=${user} redir=-1`;
  const SAYS = 'nearly all of 100 connections are in use: closing the newest, as the set needs 16 itself';

  test('closes nothing as long as some are left for the set', async () => {
    expect((await run(taken(82, 2, []))).log).toEqual([]);
  });

  test("else the newest, and none of the set's own", async () => {
    const rows = [
      row(3, 'stateful'),
      row(40, 'app'),
      row(9, 'app'),
      row(50, 'default'),
      row(60, 'replicator'),
      row(61, 'follower-7f'),
      row(62, 'superuser'),
      row(7, 'app'),
      'x',
    ];
    expect((await run(taken(84, 2, rows))).log).toEqual([
      'CLIENT LIST TYPE normal',
      SAYS,
      'CLIENT KILL ID 50 + CLIENT KILL ID 40',
    ]);
  });

  test("closes nothing where all are the set's own", async () => {
    expect((await run(taken(99, 2, [row(3, 'stateful')]))).log).toEqual(['CLIENT LIST TYPE normal']);
  });
});
