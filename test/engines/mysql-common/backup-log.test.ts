import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Result, Sandbox } from '../../core/scripts/sandbox';
import { mariadbLog, mysqlLog, Transaction } from './binary-log';

// The binary log on its way to the store and back. The store is a folder, and the servers' answers are the test's.

type Engine = 'mysql' | 'mariadb';

let sandboxes: Sandbox[] = [];
let sandbox: Sandbox;
afterEach(async () => {
  await Promise.all(sandboxes.map((each) => each.dispose()));
  sandboxes = [];
});

const A = 'aaaaaaaa-0000-1111-2222-333333333333';
const B = 'bbbbbbbb-0000-1111-2222-333333333333';
const BEGUN = Date.parse('2026-11-30T10:00:00Z') / 1000;
const at = (second: number): number => (BEGUN + second) * 1_000_000 + 500_000;
/** So many, one a second from that on. */
const of = (server: string | number, first: number, count: number, second: number): Transaction[] =>
  Array.from({ length: count }, (_, i) => ({ server, number: first + i, at: at(second + i) }));

const STORE = `
  . "$scripts/volume.sh"
  . "$scripts/store.sh"
  store=$STUB/store
  core_store_path() { printf '%s' "$store/$1"; }
  core_store_failed() { log "failed: $*"; }
  core_store_list() { [[ -d $store/$1 ]] || return 0; (cd "$store/$1" && find . -type f -printf '%P\\n' | sort | { case $* in *times*) grep times || true ;; *) cat ;; esac; }); }
  core_store_get() { [[ -e $store/$1 ]] || return 4; cp "$store/$1" "$2"; }
  core_store_read() { cat "$store/$1"; }
  core_store_send() { (cd "$1" && find . -type f -printf '%P\\n' | sort | while read -r name; do mkdir -p "$store/$2/\${name%/*}"; cp "$name" "$store/$2/$name"; echo "$name"; done); }
  core_store_do() {
    local name
    case $2 in
      copy) while read -r name; do mkdir -p "$9/\${name%/*}"; cp "$8/$name" "$9/$name" || return 1; done <"$7" ;;
      delete) while read -r name; do rm "$5/$name"; done <"$4" ;;
    esac
  }
  now=1000
  core_clock() { core_now=$now; }
  pause() { :; }`;

function pod(engine: Engine): void {
  sandbox = new Sandbox(
    0,
    {
      replication_user: 'replicator',
      user: 'app',
      database: 'shop',
      copy_port: '4444',
      copy_scratch: '/nowhere',
      max_data_loss: '60',
      max_unshipped: String(64 << 20),
      log_size: '1000',
    },
    { scriptsOf: engine, and: 'mysql-common' },
  );
  sandboxes.push(sandbox);
  sandbox.write('config/mariadb.cnf', '[mariadbd]\nmax_binlog_total_size = 64M\n');
}
function put(path: string, file: Buffer | string): void {
  mkdirSync(dirname(join(sandbox.folder, path)), { recursive: true });
  writeFileSync(join(sandbox.folder, path), file);
}
/** The log on the primary's volume. */
function logOnVolume(engine: Engine, files: readonly Buffer[], first = 1): void {
  const folder = `volume/current${engine === 'mysql' ? '/data' : ''}`;
  const names = files.map((_, i) => `binlog.${String(first + i).padStart(6, '0')}`);
  files.forEach((file, i) => put(`${folder}/${names[i]}`, file));
  put(`${folder}/binlog.index`, names.map((name) => `./${name}\n`).join(''));
}
function run(script: string): Promise<Result> {
  return sandbox.run(`${STORE}
    . "$scripts/engine-backup.sh"
    stage=$STUB/stage times=$STUB/stage/times core_set_path=set core_leaving=
    mkdir -p "$stage"
    engine_compress() { cat; }
    engine_decompress() { cat; }
    ask_server() { case $1 in *GTID_SUBTRACT*) cat "$STUB/copied" 2>/dev/null || echo ;; *) echo "$1" >>"$STUB/calls" ;; esac; }
    sent() { core_store_list set/log | sed -E 's,^.*/0*([0-9]+)[.]0*([0-9]+)[.]([0-9T]*)Z.*,\\1-\\2 \\3,'; }
    ${script}`);
}
const lines = ({ out }: Result): string[] => out.split('\n').slice(0, -1);

describe.each<[Engine, Buffer[]]>([
  [
    'mysql',
    [
      mysqlLog({ begun: BEGUN, transactions: of(A, 1, 3, 0), ended: BEGUN + 60 }),
      mysqlLog({ begun: BEGUN + 60, ended: BEGUN + 120 }, { [A]: [[1, 3]] }),
      mysqlLog({ begun: BEGUN + 120, transactions: of(B, 1, 2, 120), ended: BEGUN + 180 }, { [A]: [[1, 3]] }),
      mysqlLog({ begun: BEGUN + 180, transactions: of(B, 3, 1, 180) }, { [A]: [[1, 3]], [B]: [[1, 2]] }),
    ],
  ],
  [
    'mariadb',
    [
      mariadbLog({ begun: BEGUN, transactions: of(1, 1, 3, 0), ended: BEGUN + 60 }),
      mariadbLog({ begun: BEGUN + 60, ended: BEGUN + 120 }, { 1: 3 }),
      mariadbLog({ begun: BEGUN + 120, transactions: of(2, 4, 2, 120), ended: BEGUN + 180 }, { 1: 3 }),
      mariadbLog({ begun: BEGUN + 180, transactions: of(2, 6, 1, 180) }, { 1: 3, 2: 5 }),
    ],
  ],
])('%s: what is sent', (engine, files) => {
  beforeEach(() => {
    pod(engine);
    logOnVolume(engine, files);
  });

  test('is each file that was ended and in which something is', async () => {
    expect(await run('engine_ship; sent')).toMatchObject({
      status: 0,
      out: '0-3 20261130T100000\n3-5 20261130T100200\n',
      log: [],
    });
  });

  test('is the last file too once the server has ended it', async () => {
    logOnVolume(engine, [
      ...files.slice(0, 3),
      (engine === 'mysql' ? mysqlLog : mariadbLog)(
        {
          begun: BEGUN + 180,
          transactions: engine === 'mysql' ? of(B, 3, 1, 180) : of(2, 6, 1, 180),
          ended: BEGUN + 200,
        },
        engine === 'mysql' ? ({ [A]: [[1, 3]], [B]: [[1, 2]] } as never) : ({ 1: 3, 2: 5 } as never),
      ),
    ]);
    expect(lines(await run('engine_ship; core_leaving=yes; engine_ship; sent')).at(-1)).toBe('5-6 20261130T100300');
  });

  test('is not the last one as long as it is written to, whatever the pod is told', async () => {
    expect(lines(await run('core_leaving=yes; engine_ship; sent'))).toHaveLength(2);
  });

  test('is sent once', async () => {
    const { out } = await run(
      'engine_ship; core_store_send() { echo again; }; engine_ship; sent=(); listed=; engine_ship; echo end',
    );
    expect(out).toBe('end\n');
  });

  test('is sent again where the store did not say that it has it', async () => {
    const { out } =
      await run(`eval "real_$(declare -f core_store_send)"; core_store_send() { real_core_store_send "$@" | head -n 1; }
      engine_ship || echo failed; cat "$state/log-unsent"
      core_store_send() { real_core_store_send "$@"; }; engine_ship; sent; cat "$state/log-unsent"`);
    expect(out).toBe('failed\nbinlog.000001\n0-3 20261130T100000\n3-5 20261130T100200\nbinlog.000004\n');
  });

  test('the same file is the same object, whether its server ended it or died', async () => {
    const { out } =
      await run(`engine_ship; (cd "$store" && find . -type f -exec sha256sum {} + | sort) >"$STUB/one"; rm -r "$store"
      printf '\\1' | dd of="$(log_folder "$core_current")/binlog.000001" bs=1 seek=21 conv=notrunc 2>/dev/null
      sent=() listed= parts=() part_ending=(); engine_ship; (cd "$store" && find . -type f -exec sha256sum {} + | sort) | cmp - "$STUB/one" && echo same`);
    expect(out).toBe('same\n');
  });

  test('what waits is counted', async () => {
    expect((await run('engine_unshipped; engine_ship; engine_unshipped')).out).toBe(
      `${files.reduce((sum, file) => sum + file.length, 0)}\n${files[3].length}\n`,
    );
  });

  describe('where the store lacks what went before it was sent', () => {
    const note =
      'core_note_gap() { echo "gap $1 $2"; mkdir -p "$store/set/gaps"; : >"$store/set/gaps/20261130T110000Z.$1.$2"; }';
    const former = (end: number): void =>
      put(
        `stub/store/set/log/20261130/${[String(0).padStart(20, '0'), String(end).padStart(20, '0'), '20261130T095000Z', '0'.repeat(16), '1'.repeat(16)].join('.')}.zst`,
        '',
      );

    test('that is said at once, and once', async () => {
      logOnVolume(engine, files.slice(2), 3);
      former(2);
      expect(
        lines(await run(`${note}; engine_ship; now=$((now + 20)); engine_ship; now=$((now + 20)); engine_ship`)),
      ).toEqual(['gap 2 3']);
    });

    test('also where nothing was sent since the newest backup', async () => {
      logOnVolume(engine, files.slice(2), 3);
      put('stub/store/set/base/20261130T095000Z/index', 'start 1\nsealed 2 x:1-2\n');
      expect(lines(await run(`${note}; engine_ship; now=$((now + 20)); engine_ship`))).toEqual(['gap 2 3']);
      put('stub/store/set/base/20261130T095000Z/index', 'start 1\nsealed 3 x:1-3\n');
      expect(
        lines(
          await run(
            `${note}; listed= gaps=() gaps_at=-1000 file_of=(); rm -r "$store/set/gaps"; engine_ship; now=$((now + 300)); engine_ship`,
          ),
        ),
      ).toEqual([]);
    });

    test('and once only by another pod too', async () => {
      logOnVolume(engine, files.slice(2), 3);
      former(2);
      expect(
        lines(
          await run(
            `${note}; engine_ship; listed= gaps=() gaps_at=-1000 file_of=(); engine_ship; now=$((now + 300)); engine_ship`,
          ),
        ),
      ).toEqual(['gap 2 3']);
    });

    test('a recovered primary waits for its replicas to send it', async () => {
      logOnVolume(engine, files.slice(2));
      former(2);
      expect(
        lines(
          await run(
            `${note}; engine_ship; now=$((now + 179)); engine_ship; echo waits; now=$((now + 11)); engine_ship`,
          ),
        ),
      ).toEqual(['waits', 'gap 2 3']);
    });

    test('and says nothing if they do', async () => {
      logOnVolume(engine, files.slice(2));
      former(2);
      expect(
        lines(
          await run(`${note}; engine_ship; : >"$store/set/log/20261130/$(printf %020d.%020d 2 4).20261130T095500Z.1111111111111111.2222222222222222.zst"
        now=$((now + 300)); engine_ship; echo end`),
        ),
      ).toEqual(['end']);
    });

    test('a store that does not say so fails, and it is said later', async () => {
      logOnVolume(engine, files.slice(2), 3);
      former(2);
      expect(
        lines(
          await run(`${note}; eval "real_$(declare -f core_store_list)"; core_store_list() { [[ $1 != set/gaps ]] || return 1; real_core_store_list "$@"; }
        engine_ship || echo failed; core_store_list() { real_core_store_list "$@"; }; now=$((now + 20)); engine_ship`),
        ),
      ).toEqual(['failed', 'gap 2 3']);
    });
  });

  test('the file that is written to is ended when it has waited long enough, if there is something in it', async () => {
    const ended = `now=$((now + 59)); engine_ship; cat "$STUB/calls"; now=$((now + 1)); engine_ship; grep FLUSH "$STUB/calls" || true`;
    expect((await run(`engine_ship; : >"$STUB/calls"; ${ended}`)).out).toBe('FLUSH LOCAL BINARY LOGS\n');
  });

  test('one in which nothing is is not ended', async () => {
    logOnVolume(engine, [(engine === 'mysql' ? mysqlLog : mariadbLog)({ begun: BEGUN })]);
    expect((await run('engine_ship; now=$((now + 600)); engine_ship; cat "$STUB/calls"')).out).toBe('');
  });

  test('what is no log is left alone', async () => {
    put(`volume/current${engine === 'mysql' ? '/data' : ''}/binlog.000001`, 'rubbish, and not a log at all');
    const { out, log } = await run('engine_ship || echo failed; sent');
    expect(out).toBe('failed\n');
    expect(log).toEqual([
      `${engine === 'mysql' ? 'the oldest file' : 'binlog.000001'} of the log is not sent: it is no binary log`,
    ]);
  });
});

describe('MySQL keeps of its log', () => {
  /** @param unsent what ship said */
  const kept = async (settings: string, unsent = ''): Promise<string> => {
    pod('mysql');
    if (unsent !== '') put('state/log-unsent', `${unsent}\n`);
    const { out, log } = await run(`. "$scripts/prune_log.sh"; base_prune_log() { echo "$log_size"; }
      core_session_ask() { core_answer=($'binlog.000001\\t900\\tNo' $'binlog.000002\\t800\\tNo' $'binlog.000003\\t700\\tNo'); }
      backup_remote=backup: max_unshipped=100000; ${settings === '' ? ':' : settings}; prune_log; echo "$log_size"`);
    expect(log.concat(out)).toEqual([expect.stringMatching(/\n1000\n$/)]);
    return out.split('\n')[0];
  };

  test.each([
    ['as ever without a store', 'backup_remote=', '', '1000'],
    ['all, before it is known what the store has', '', '', '2400'],
    ['what the store has not', '', 'binlog.000002', '1500'],
    ['as ever, where that is less', '', 'binlog.000003', '1000'],
    ['no more than may wait', 'max_unshipped=2000', 'binlog.000001', '2000'],
    ['all that waits, where that has no bound', 'max_unshipped=0', 'binlog.000001', '2400'],
    ['and of a replica there is one', 'max_unshipped=0; ordinal=1', '', '1000'],
  ])('%s', async (_, settings, unsent, bytes) => {
    expect(await kept(settings, unsent)).toBe(bytes);
  });
});

describe('the chain of parts', () => {
  const part = (start: number, end: number, minute: number, beginning: string, ending: string): string =>
    [
      String(start).padStart(20, '0'),
      String(end).padStart(20, '0'),
      `20261130T10${String(minute).padStart(2, '0')}00Z`,
      beginning.repeat(16),
      ending.repeat(16),
    ].join('.');
  const chain = async (count: number, names: readonly string[], last = names.at(-1) ?? ''): Promise<Result> => {
    pod('mysql');
    names.forEach((name) => put(`stub/store/set/log/20261130/${name}.zst`, ''));
    return run(`list_parts set; find_chain ${count} ${last} || echo "gap before $(start_of "$chain_gap")"
      for name in "\${chain[@]}"; do echo "$(start_of "$name")-$(end_of "$name")\${chain_until[$name]:+ until $(start_of "\${chain_until[$name]}")}"; done`);
  };

  test('leads from the part that the copy is in', async () => {
    expect(
      lines(await chain(15, [part(0, 10, 0, 'a', 'b'), part(10, 20, 1, 'b', 'c'), part(20, 30, 2, 'c', 'd')])),
    ).toEqual(['10-20', '20-30']);
  });

  test('has a gap where a part is missing', async () => {
    expect(lines(await chain(5, [part(0, 10, 0, 'a', 'b'), part(20, 30, 2, 'c', 'd')]))).toEqual([
      'gap before 20',
      '20-30',
    ]);
  });

  test('branches where a recovered primary began', async () => {
    expect(
      lines(
        await chain(5, [
          part(0, 10, 0, 'a', 'b'),
          part(10, 20, 1, 'b', 'c'),
          part(17, 25, 5, 'e', 'f'),
          part(25, 27, 6, 'f', '0'),
        ]),
      ),
    ).toEqual(['0-10', '10-20 until 17', '17-25', '25-27']);
  });

  test('has what the lost primary wrote where that is wanted', async () => {
    const lost = part(10, 20, 1, 'b', 'c');
    expect(lines(await chain(5, [part(0, 10, 0, 'a', 'b'), lost, part(17, 25, 5, 'e', 'f')], lost))).toEqual([
      '0-10',
      '10-20',
    ]);
  });
});

describe('a replica', () => {
  const name = (start: number, end: number, minute: string, beginning: string, ending: string): string =>
    `${String(start).padStart(20, '0')}.${String(end).padStart(20, '0')}.20261130T${minute}00Z.${beginning}.${ending}`;
  /** The store has up to 4 of the lost primary, and from 8 on of its successor. */
  const gap = async (script: string, last: Buffer): Promise<Result> => {
    pod('mysql');
    logOnVolume('mysql', [
      mysqlLog({ begun: BEGUN, transactions: of(A, 1, 2, 0), ended: BEGUN + 60 }),
      mysqlLog({ begun: BEGUN + 60, transactions: of(A, 3, 3, 60), ended: BEGUN + 120 }, { [A]: [[1, 2]] }),
      last,
    ]);
    [name(0, 4, '1000', '0'.repeat(16), '1'.repeat(16)), name(8, 12, '1010', '2'.repeat(16), '3'.repeat(16))].forEach(
      (part) => put(`stub/store/set/log/20261130/${part}.zst`, ''),
    );
    return run(
      `ordinal=1; servers_of_log() { echo a,b; }; core_open_store() { :; }; ${script}; sent; cat "$STUB/calls"`,
    );
  };
  const ended = mysqlLog(
    { begun: BEGUN + 120, transactions: [...of(A, 6, 3, 120), ...of(B, 1, 4, 130)], ended: BEGUN + 180 },
    { [A]: [[1, 5]] },
  );

  test('has the server end the file in which the gap is', async () => {
    expect(lines(await gap('engine_ship_replica || true', ended))).toEqual(
      ['0-4 20261130T1000', '8-12 20261130T1010', 'FLUSH LOCAL BINARY LOGS'].map((line) =>
        line.replace(/T(\d{4})$/, 'T$100'),
      ),
    );
  });

  test('does not send a file that lacks something: its first one may begin before its copy ended', async () => {
    const result = await gap(
      `printf './binlog.000004\\n' >>"$(log_folder "$core_current")/binlog.index"
      base64 -d >"$(log_folder "$core_current")/binlog.000004" <<<'${mysqlLog({ begun: BEGUN + 180 }, { [A]: [[1, 8]], [B]: [[1, 5]] }).toString('base64')}'
      engine_ship_replica`,
      ended,
    );
    expect(lines(result)).toEqual(['0-4 20261130T100000', '2-5 20261130T100100', '8-12 20261130T101000']);
  });

  test('sends what the former primary had not sent', async () => {
    const result = await gap(
      `cp "$(log_folder "$core_current")/binlog.000003" "$STUB/3"; printf './binlog.000004\\n' >>"$(log_folder "$core_current")/binlog.index"
      base64 -d >"$(log_folder "$core_current")/binlog.000004" <<<'${mysqlLog({ begun: BEGUN + 180 }, { [A]: [[1, 8]], [B]: [[1, 4]] }).toString('base64')}'
      engine_ship_replica; engine_ship_replica`,
      ended,
    );
    expect(lines(result)).toEqual([
      '0-4 20261130T100000',
      '2-5 20261130T100100',
      '5-12 20261130T100200',
      '8-12 20261130T101000',
    ]);
    expect(result.log).toEqual([
      'the log in the store lacks what the former orders-0 had not sent: sending it from here (binlog.000002 binlog.000003)',
    ]);
  });
});

test.each([
  ['', '0'],
  [`${A}:1-5`, '5'],
  [`${A}:1-5:9,${B}:3`, '7'],
  ['0-1-20,0-2-27', '27'],
  ['0-1-20,0-2-27,4-1-3', '30'],
])('how many transactions the set %j has', async (set, count) => {
  pod('mysql');
  expect((await run(`count_of '${set}'`)).out).toBe(`${count}\n`);
});

test('old log goes with the backups that it is of', async () => {
  pod('mysql');
  logOnVolume('mysql', [
    mysqlLog({ begun: BEGUN, transactions: of(A, 1, 3, 0), ended: BEGUN + 60 }),
    mysqlLog({ begun: BEGUN + 60, transactions: of(A, 4, 3, 60), ended: BEGUN + 120 }, { [A]: [[1, 3]] }),
    mysqlLog({ begun: BEGUN + 120 }, { [A]: [[1, 6]] }),
  ]);
  put('stub/store/set/base/20261130T100130Z/index', 'start 5\nposition x\n');
  expect(await run('engine_ship; engine_prune_log set 20261130T100130Z; sent')).toMatchObject({
    out: '3-6 20261130T100100\n',
    log: ['removed 1 parts of the log from before the backup 20261130T100130Z'],
  });
});

describe('a restore', () => {
  /** What is replayed of a log of three files, with one transaction a second, onto a copy that has four. */
  const restore = async (
    until: string,
    more = '',
    index = `start 4\nposition ${A}:1-4\nsealed 5 ${A}:1-5\n`,
    files = [
      mysqlLog({ begun: BEGUN, transactions: of(A, 1, 5, 0), ended: BEGUN + 60 }),
      mysqlLog({ begun: BEGUN + 60, transactions: of(A, 6, 5, 60), ended: BEGUN + 120 }, { [A]: [[1, 5]] }),
      mysqlLog({ begun: BEGUN + 120, transactions: of(A, 11, 5, 120), ended: BEGUN + 180 }, { [A]: [[1, 10]] }),
      mysqlLog({ begun: BEGUN + 180 }, { [A]: [[1, 15]] }),
    ],
  ): Promise<Result> => {
    pod('mysql');
    logOnVolume('mysql', files);
    put('stub/stage/index', index);
    return run(`. "$scripts/engine-restore.sh"; engine_ship; core_incoming=$volume/incoming; mkdir -p "$core_incoming"
      replay_files() { local file; shift; for file in "$@"; do read_log "$file" -v read=all | grep -E '^(transactions|last)'; rm "$file"; done; }
      finish() { echo "has $2, $3"; }
      ${more}
      engine_replay "$core_incoming" set ${until} 'shop/orders until x' || echo failed; ls "$volume/temporary"`);
  };
  const words = (result: Result): string[] =>
    lines(result).filter((line) => line.startsWith('has') || line === 'failed');

  test('of all that there is', async () => {
    const result = await restore('latest');
    expect(words(result)).toEqual([`has ${A}:1-15, shop/orders until x`]);
    expect(lines(result).filter((line) => line.startsWith('transactions'))).toEqual([
      'transactions 5',
      'transactions 5',
      'transactions 5',
    ]);
    expect(result.log.slice(-3)).toEqual([
      'the last transaction is of 2026-11-30T10:02:04.500000Z',
      'replayed 100 % of the log',
      'replayed the log: 11 transactions after the 4 of the copy',
    ]);
  });

  test.each([
    ['the time of a transaction', '2026-11-30T10:01:02.5Z', '1-8'],
    ['just before it', '2026-11-30T10:01:02.499999Z', '1-7'],
    ['between two files', '2026-11-30T10:01:30Z', '1-10'],
    ['the begin of a file', '2026-11-30T10:02:00Z', '1-10'],
    ['the end of the last', '2026-11-30T10:03:00Z', '1-15'],
  ])('until %s has what was committed until then', async (_, instant, set) => {
    expect(words(await restore(instant))).toEqual([`has ${A}:${set}, shop/orders until x`]);
  });

  test.each([
    ['10:01:00.1Z', '1-4'],
    ['10:01:00.2Z', '1-5'],
    ['10:01:00.5Z', '1-6'],
    ['10:01:00.7Z', '1-7'],
    ['10:01:00.9Z', '1-7'],
  ])('until %s, in a second in which two files were ended, has what was committed until then', async (time, set) => {
    const last = (BEGUN + 60) * 1_000_000;
    const one = (number: number, tenth: number): Transaction[] => [{ server: A, number, at: last + tenth * 100_000 }];
    const files = [
      mysqlLog({ begun: BEGUN, transactions: [...of(A, 1, 4, 0), ...one(5, 2)], ended: BEGUN + 60 }),
      mysqlLog({ begun: BEGUN + 60, transactions: one(6, 4), ended: BEGUN + 60 }, { [A]: [[1, 5]] }),
      mysqlLog({ begun: BEGUN + 60, transactions: one(7, 6), ended: BEGUN + 120 }, { [A]: [[1, 6]] }),
      mysqlLog({ begun: BEGUN + 120, transactions: of(A, 8, 2, 120), ended: BEGUN + 180 }, { [A]: [[1, 7]] }),
      mysqlLog({ begun: BEGUN + 180 }, { [A]: [[1, 9]] }),
    ];
    for (const copied of [3, 4]) {
      const index = `start ${copied}\nposition ${A}:1-${copied}\nsealed ${copied} ${A}:1-${copied}\n`;
      expect(words(await restore(`2026-11-30T${time}`, '', index, files))).toEqual([
        `has ${A}:${set}, shop/orders until x`,
      ]);
    }
  });

  test('until a time after which the copy was made, by the clock of its own node, is refused', async () => {
    const index = `start 7\nposition ${A}:1-7\nsealed 7 ${A}:1-7\n`;
    for (const until of ['2026-11-30T10:00:02.5Z', '2026-11-30T10:01:00.5Z']) {
      const { out, log } = await restore(until, '', index);
      expect(out).toContain('failed');
      expect(log.at(-1)).toMatch(/^CANNOT REACH .*the copy of this backup has what was committed later/);
    }
    expect(words(await restore('2026-11-30T10:01:01.5Z', '', index))).toEqual([`has ${A}:1-7, shop/orders until x`]);
  });

  test('of a backup by its name ends where that is sealed', async () => {
    expect(words(await restore('20261130T100010Z'))).toEqual([`has ${A}:1-5, shop/orders until x`]);
    expect(words(await restore('20261130T100010Z', '', `start 4\nposition ${A}:1-4\nsealed 4 ${A}:1-4\n`))).toEqual([
      `has ${A}:1-4, shop/orders until x`,
    ]);
  });

  test('until a time that the log does not lead to is refused, and the last that can be is named', async () => {
    const result = await restore('2026-11-30T10:03:01Z');
    expect(words(result)).toEqual(['failed']);
    expect(result.log).toEqual([
      "CANNOT REACH 2026-11-30T10:03:01Z: the store's log ends before, at 2026-11-30T10:03:00.000000Z. Give 'restoreFrom' that time, or RestorePoint.latest",
    ]);
  });

  test.each(['latest', '2026-11-30T10:02:02Z'])(
    'over a gap in the log, until %s, is refused, and the last time before it is named',
    async (until) => {
      const result = await restore(until, 'rm "$store"/set/log/20261130/*.20261130T100100Z.*');
      expect(words(result)).toEqual(['failed']);
      expect(result.log.at(-1)).toBe(
        `CANNOT REACH ${until}: the store's log has a gap before 20261130T100200Z: some of it never came there. ` +
          "The last time before that can be reached is 2026-11-30T10:01:00Z. Give 'restoreFrom' that time, or the name of a backup",
      );
    },
  );

  test.each(['2026-11-30T10:01:30Z', '2026-11-30T10:00:30Z'])(
    'where the log goes on from the copy nowhere, until %s, is refused',
    async (until) => {
      const result = await restore(
        until,
        'rm "$store"/set/log/20261130/*.20261130T10000*Z.* "$store"/set/log/20261130/*.20261130T100100Z.*',
      );
      expect(words(result)).toEqual(['failed']);
      expect(result.log.at(-1)).toMatch(/^CANNOT REACH .*: the store's log has a gap before 20261130T100200Z/);
    },
  );

  test('beyond the last before a gap is refused as that', async () => {
    const result = await restore('2026-11-30T10:01:30Z', 'rm "$store"/set/log/20261130/*.20261130T100100Z.*');
    expect(words(result)).toEqual(['failed']);
    expect(result.log.at(-1)).toMatch(
      /^CANNOT REACH .*: the store's log has a gap before 20261130T100200Z.*can be reached is 2026-11-30T10:01:00Z/,
    );
  });

  test('before a gap in the log is one like any other', async () => {
    expect(words(await restore('2026-11-30T10:00:59Z', 'rm "$store"/set/log/20261130/*.20261130T100100Z.*'))).toEqual([
      `has ${A}:1-5, shop/orders until x`,
    ]);
  });

  test('of a part that is not what its name says is refused', async () => {
    const result = await restore(
      'latest',
      'cd "$store"/set/log/20261130; cp *.20261130T100000Z.* "$(echo *.20261130T100100Z.*)"',
    );
    expect(words(result)).toEqual(['failed']);
    expect(result.log.at(-1)).toMatch(
      /^DAMAGED: set\/log\/20261130\/.*20261130T100100Z.* in the store is not what was written$/,
    );
  });

  test.each([
    ['latest', `${A}:1-13,${B}:1-3`],
    ['2026-11-30T10:05:01.5Z', `${A}:1-13,${B}:1-2`],
    ['2026-11-30T10:02:04.5Z', `${A}:1-15`],
  ])('until %s, after a recovery, has what the primary of then had', async (until, set) => {
    const branch = `cp "$STUB/branch" "$volume/current/data/binlog.000001"; cp "$STUB/open" "$volume/current/data/binlog.000002"
      printf './binlog.000001\\n./binlog.000002\\n' >"$volume/current/data/binlog.index"; sent=(); engine_ship`;
    const result = await restore(
      until,
      `base64 -d >"$STUB/branch" <<<'${mysqlLog({ begun: BEGUN + 300, transactions: of(B, 1, 3, 300), ended: BEGUN + 360 }, { [A]: [[1, 13]] }).toString('base64')}'
      base64 -d >"$STUB/open" <<<'${mysqlLog({ begun: BEGUN + 360 }, { [A]: [[1, 13]], [B]: [[1, 3]] }).toString('base64')}'\n${branch}`,
    );
    expect(words(result)).toEqual([`has ${set}, shop/orders until x`]);
  });
});

describe('a restore to what a lost primary had not sent', () => {
  /**
   * The primary sent 1 to 5 and was lost with 6 to 8; its successor began with 9. A replica's file, begun long before,
   * has all.
   */
  const restore = async (until: string): Promise<Result> => {
    pod('mysql');
    const own = of(A, 1, 5, 0);
    logOnVolume('mysql', [
      mysqlLog({ begun: BEGUN, transactions: own, ended: BEGUN + 10 }),
      mysqlLog({ begun: BEGUN + 10 }, { [A]: [[1, 5]] }),
    ]);
    const file = (name: string, content: Buffer): string =>
      `base64 -d >"$volume/current/data/${name}" <<<'${content.toString('base64')}'`;
    const other = (
      ...contents: Buffer[]
    ): string => `${contents.map((content, i) => file(`binlog.00000${i + 1}`, content)).join('; ')}
      printf './%s\\n' ${contents.map((_, i) => `binlog.00000${i + 1}`).join(' ')} >"$volume/current/data/binlog.index"; sent=(); engine_ship`;
    put('stub/stage/index', `start 4\nposition ${A}:1-4\nsealed 5 ${A}:1-5\n`);
    return run(`. "$scripts/engine-restore.sh"; engine_ship; core_incoming=$volume/incoming; mkdir -p "$core_incoming"
      ${other(mysqlLog({ begun: BEGUN + 60, transactions: of(B, 1, 2, 60), ended: BEGUN + 90 }, { [A]: [[1, 8]] }), mysqlLog({ begun: BEGUN + 90 }, { [A]: [[1, 8]], [B]: [[1, 2]] }))}
      ${other(mysqlLog({ begun: BEGUN - 60, transactions: [...own, ...of(A, 6, 3, 20), ...of(B, 1, 1, 60)], ended: BEGUN + 80 }), mysqlLog({ begun: BEGUN + 80 }, { [A]: [[1, 8]], [B]: [[1, 1]] }))}
      replay_files() { shift; rm "$@"; }
      finish() { echo "has $2"; }
      engine_replay "$core_incoming" set ${until} 'shop/orders until x' || echo failed`);
  };

  test.each([
    ['2026-11-30T10:00:04.5Z', '1-5'],
    ['2026-11-30T10:00:15Z', '1-5'],
    ['2026-11-30T10:00:21Z', '1-6'],
    ['2026-11-30T10:00:40Z', '1-8'],
    ['2026-11-30T10:01:00.6Z', `1-8,${B}:1`],
    ['2026-11-30T10:01:20Z', `1-8,${B}:1-2`],
    ['latest', `1-8,${B}:1-2`],
  ])('until %s has what there was then', async (until, set) => {
    const result = await restore(until);
    expect(lines(result).concat(result.log.filter((line) => line.includes('CANNOT')))).toEqual([`has ${A}:${set}`]);
  });
});

describe('MySQL of which the data came by a copy, whose transactions are in none of its files', () => {
  /** It has 1 to 8 of A from the copy. */
  const copied = (): void => {
    pod('mysql');
    put('stub/copied', `${A}:1-8\n`);
    logOnVolume('mysql', [
      mysqlLog({ begun: BEGUN, transactions: of(B, 1, 2, 0), ended: BEGUN + 60 }),
      mysqlLog({ begun: BEGUN + 60, transactions: of(B, 3, 4, 60), ended: BEGUN + 120 }, { [B]: [[1, 2]] }),
      mysqlLog({ begun: BEGUN + 120 }, { [B]: [[1, 6]] }),
    ]);
  };

  test('they are counted all the same', async () => {
    copied();
    expect(lines(await run('engine_ship; sent'))).toEqual(['8-10 20261130T100000', '10-14 20261130T100100']);
  });

  test('as long as they are not known, nothing is sent', async () => {
    copied();
    const { out, log } = await run('ask_server() { return 1; }; engine_ship || echo failed; sent');
    expect({ out, log }).toEqual({
      out: 'failed\n',
      log: ['the server does not say which transactions it has from a copy: is it up? The log is sent when it does'],
    });
  });

  test('they stay known where the server has ended', async () => {
    copied();
    const { out } = await run('know_copied; ask_server() { return 1; }; engine_ship; sent');
    expect(out).toBe('8-10 20261130T100000\n10-14 20261130T100100\n');
  });

  test('and are among what a restore must have', async () => {
    copied();
    put('stub/stage/index', `start 9\nposition ${A}:1-8,${B}:1\nsealed 9 ${A}:1-8,${B}:1\n`);
    const restore = `. "$scripts/engine-restore.sh"; engine_ship; core_incoming=$volume/incoming; mkdir -p "$core_incoming"
      replay_files() { local file; shift; for file in "$@"; do cmp "$file" "$(log_folder "$core_current")/binlog.00000$((++n))" >&2 || true; rm "$file"; done; }
      finish() { echo "has $2"; }
      n=0; engine_replay "$core_incoming" set`;
    const { out, log } = await run(`${restore} latest x; engine_replay "$core_incoming" set 2026-11-30T10:01:01.5Z x`);
    expect(out).toBe(`has ${A}:1-8,${B}:1-6\nhas ${A}:1-8,${B}:1-4\n`);
    expect(log.filter((line) => /differ|EOF|DAMAGED/.test(line)).slice(1)).toEqual([]);
  });

  test('an object without them is damaged', async () => {
    copied();
    put('stub/stage/index', `start 9\nposition ${A}:1-8,${B}:1\nsealed 9 ${A}:1-8,${B}:1\n`);
    const { log } =
      await run(`. "$scripts/engine-restore.sh"; engine_ship; for file in "$store"/set/log/*/*; do truncate -s -1 "$file"; done; mkdir -p "$volume/incoming"
      engine_replay "$volume/incoming" set latest x || true`);
    expect(log.at(-1)).toMatch(/^DAMAGED: .* in the store is not what was written$/);
  });
});

describe("the times of MariaDB's log", () => {
  const TIMES = [
    '1796032800.000000 0-1-4',
    '1796032801.000000 0-1-5',
    '1796032801.100000 0-1-7',
    '1796032802.000000 0-1-7',
    '1796032803.000000 0-1-9',
    '1796032810.000000 0-1-12',
    '1796032811.000000 0-1-13',
  ];
  const restore = async (until: string, more = ''): Promise<Result> => {
    pod('mariadb');
    logOnVolume('mariadb', [
      mariadbLog({ begun: BEGUN, transactions: of(1, 1, 6, 0), ended: BEGUN + 1 }),
      mariadbLog({ begun: BEGUN + 1, transactions: of(1, 7, 6, 1), ended: BEGUN + 10 }, { 1: 6 }),
      mariadbLog({ begun: BEGUN + 10 }, { 1: 12 }),
    ]);
    put('stub/store/set/log/20261130/20261130T100000.000000Z.times.zst', `${TIMES.slice(0, 4).join('\n')}\n`);
    put('stub/store/set/log/20261130/20261130T100003.000000Z.times.zst', `${TIMES.slice(4).join('\n')}\n`);
    put('stub/stage/index', 'start 4\nposition 0-1-4\nsealed 5 0-1-5\n');
    return run(`. "$scripts/engine-restore.sh"; engine_ship; core_incoming=$volume/incoming; mkdir -p "$core_incoming"
      replay_files() { shift; rm "$@"; }
      finish() { echo "has $2"; }
      ${more}
      engine_replay "$core_incoming" set ${until} 'shop/orders until x' || echo failed`);
  };

  test.each([
    ['2026-11-30T10:00:00.5Z', '0-1-4'],
    ['2026-11-30T10:00:01Z', '0-1-5'],
    ['2026-11-30T10:00:01.05Z', '0-1-5'],
    ['2026-11-30T10:00:01.5Z', '0-1-7'],
    ['2026-11-30T10:00:03Z', '0-1-9'],
    ['2026-11-30T10:00:10.5Z', '0-1-12'],
    ['2026-11-30T10:00:10Z', '0-1-12'],
    ['latest', '0-1-12'],
  ])('until %s the position was %s', async (until, position) => {
    expect(lines(await restore(until))).toEqual([`has ${position}`]);
  });

  test('where they do not say when something was committed, the times around it are named', async () => {
    const result = await restore('2026-11-30T10:00:05Z');
    expect(lines(result)).toEqual(['failed']);
    expect(result.log[0]).toMatch(
      /^CANNOT REACH .* from 2026-11-30T10:00:03.000000Z to 2026-11-30T10:00:10.000000Z was, is not known/,
    );
  });

  test('of a copy that has more than there was then, by the clock of its own node, is refused', async () => {
    const { log } = await restore('2026-11-30T10:00:01Z', 'sed -i s/^start.*/start\\ 6/ "$stage/index"');
    expect(log.at(-1)).toMatch(/^CANNOT REACH .*the copy of this backup has what was committed later/);
  });

  test.each(['2026-11-30T10:00:11Z', '2026-11-30T11:00:00Z'])(
    '%s is beyond the end of the log, and the last time before it is named',
    async (until) => {
      const result = await restore(until);
      expect(lines(result)).toEqual(['failed']);
      expect(result.log).toEqual([
        `CANNOT REACH ${until}: the store's log ends before, at 2026-11-30T10:00:10.000000Z. Give 'restoreFrom' that time, or RestorePoint.latest`,
      ]);
    },
  );

  test('old ones go', async () => {
    pod('mariadb');
    ['100000', '100100', '100200', '100300'].forEach((time) =>
      put(`stub/store/set/log/20261130/20261130T${time}.000000Z.times.zst`, ''),
    );
    expect((await run('old_times set 20261130T100230Z')).out).toBe('20261130/20261130T100000.000000Z.times.zst\n');
  });

  test.each([
    ['64M', 67108864],
    ['"1G"', 1073741824],
    ['5000', 5000],
  ])('its log is bounded by %s', async (value, bytes) => {
    pod('mariadb');
    sandbox.write('config/mariadb.cnf', `[mariadbd]\nmax_binlog_total_size = ${value}\n`);
    expect((await run('log_bound')).out).toBe(`${bytes}\n`);
  });
});
