import { host, run } from './pod';

describe('what pods show each other', () => {
  test('ready, or not', async () => {
    expect((await run('engine_announce_ready; engine_withdraw_ready; engine_stop')).log).toEqual([
      'CLIENT SETNAME stateful-ready',
      'CLIENT SETNAME stateful',
      'SHUTDOWN',
    ]);
  });

  test.each([
    [
      'is seen by its name',
      'echo "id=3 addr=10.0.0.1:1 name=other user=app x"; echo "id=4 name=stateful-ready age=1 user=stateful redir=-1"',
      'yes',
    ],
    [
      'is seen among thousands',
      'echo "id=4 name=stateful-ready age=1 user=stateful redir=-1"; for i in {1..3000}; do echo "id=$i addr=10.0.0.1:1 name=an-application user=app x"; done',
      'yes',
    ],
    [
      'is not by another',
      'echo "id=4 name=stateful age=1 user=stateful"; echo "id=5 name=stateful-ready-not age=1 user=stateful"',
      'no',
    ],
    [
      'is not by that of another user',
      'echo "id=4 name=stateful-ready age=1 user=app redir=-1"; echo "id=5 name=stateful-ready user=stateful2 x"; echo "id=6 name=x user=stateful y"',
      'no',
    ],
    ['is not where it does not answer', 'return 1', 'no'],
  ])('that the ordinal below is ready %s', async (_, clients, expected) => {
    const script = `query() { [[ $* == "${host(1)} CLIENT LIST TYPE normal" ]] && { ${clients}; }; }`;
    expect((await run(`${script}; if engine_peer_is_ready 1; then echo yes; else echo no; fi`)).out).toBe(
      `${expected}\n`,
    );
  });

  test("leaving: at the primary's address, as its name may be gone", async () => {
    const connect = 'connect() { log "$@"; }; core_session_ask() { log "$1"; core_answer=(OK OK); }';
    expect((await run(`${connect}; primary_address=10.0.0.1; engine_announce_leaving`)).log).toEqual([
      'replication-password -h 10.0.0.1 -p 1 --user replicator',
      'CLIENT NO-EVICT ON',
      'CLIENT SETNAME leaving-2',
    ]);
    expect(await run(`${connect}; engine_announce_leaving || exit 9`)).toMatchObject({ status: 9, log: [] });
    expect((await run(`${connect}; engine_announce_leaving`, 0)).log).toEqual([
      'CLIENT NO-EVICT ON',
      'CLIENT SETNAME leaving-0',
    ]);
    expect(
      (
        await run(
          `${connect}; primary_address=x; core_session_ask() { core_answer=("NOAUTH x"); }; engine_announce_leaving || exit 9`,
        )
      ).status,
    ).toBe(9);
  });
});

describe('engine_list_higher_ordinals', () => {
  const look = (rows: string[]): string =>
    `core_session_ask() { core_answer=(${rows.map((row) => `'${row}'`).join(' ')}); }; engine_list_higher_ordinals && echo "$higher_leaving/$higher_connected"`;
  const leaving = (ordinal: number | string, user = 'replicator', idle = 0): string =>
    `id=7 addr=10.0.0.7:1 name=leaving-${ordinal} age=100 idle=${idle} flags=N user=${user} redir=-1`;
  const replica = (n: number, ordinal: number, set = 'orders', lag = '1'): string =>
    `slave${n}:ip=${set}-${ordinal}.orders.shop.svc.cluster.local,port=1,state=online,offset=1,lag=${lag},io-thread=0`;

  test('sees higher ordinals that leave, and that follow the primary', async () => {
    const rows = [
      leaving(1),
      leaving(2),
      leaving(3),
      leaving(12),
      'id=8 name=stateful-ready age=1',
      'role:master',
      replica(0, 1),
      replica(1, 2),
      replica(2, 10),
      replica(3, 4),
    ];
    expect((await run(look(rows))).out).toBe('3 12/10 4\n');
  });

  test("sees none where none is, nor what is another set's", async () => {
    expect(
      (
        await run(
          look([
            'role:master',
            replica(0, 5, 'other'),
            'id=8 name=leaving- age=1 idle=0 user=replicator x',
            'id=8 name=leaving-9x age=1 idle=0 user=replicator x',
          ]),
        )
      ).out,
    ).toBe('/\n');
  });

  test("believes no one but the pods' own users", async () => {
    expect(
      (await run(look([leaving(9, 'app'), leaving(8, 'stateful'), leaving(7, 'replicator2'), leaving(6, 'default')])))
        .out,
    ).toBe('8/\n');
  });

  test('believes no ordinal that no set has, and does not reckon with it', async () => {
    expect((await run(look([leaving('99999999999'), leaving('1000'), leaving('08'), leaving('999')]))).out).toBe(
      '999/\n',
    );
  });

  test('sees no sign that was silent for more than ten seconds: its pod is gone with its network', async () => {
    expect(
      (
        await run(
          look([
            leaving(3, 'replicator', 10),
            leaving(4, 'replicator', 11),
            replica(0, 5, 'orders', '10'),
            replica(1, 6, 'orders', '11'),
          ]),
        )
      ).out,
    ).toBe('3/5\n');
  });

  test('fails where the primary does not answer', async () => {
    expect((await run('core_session_ask() { return 1; }; engine_list_higher_ordinals || exit 9')).status).toBe(9);
  });
});
