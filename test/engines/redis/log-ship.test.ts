import { LOG_ID, onVolume } from './log';

const FIRST = 'base 1 1800001000; manifest 1 1; { at 1001; cmd SET a 1; } | incr 1';

test('the base at once; commands when they have waited for as long as may be lost, less what sending takes', async () => {
  const { out } = await onVolume(`${FIRST}
    engine_ship; stored; echo later; core_now=104; engine_ship; stored | grep -c incr; core_now=105; engine_ship; stored`);
  expect(out).toEqual([
    '000001/base/000000001-1800001000/0000000000000-25',
    '000001/base/000000001-1800001000/complete-25',
    'later',
    '0',
    '000001/base/000000001-1800001000/0000000000000-25',
    '000001/base/000000001-1800001000/complete-25',
    '000001/incr/000000001/0000000000000-37.gz',
  ]);
});

test('commands at once when the server has ended the increment, or the pod stops, or they are many', async () => {
  const { out } = await onVolume(`${FIRST}
    engine_ship; base 2 1800001002; manifest 2 1h 2; cmd SET b 2 | incr 2; engine_ship; stored | grep incr
    core_leaving=yes engine_ship; stored | grep incr/000000002; core_leaving= part_size=10; cmd SET c 3 | incr 2; engine_ship; stored | grep incr/000000002`);
  expect(out).toEqual([
    '000001/incr/000000001/0000000000000-37.gz',
    '000001/incr/000000001/end-37',
    '000001/incr/000000002/0000000000000-27.gz',
    '000001/incr/000000002/0000000000000-27.gz',
    '000001/incr/000000002/0000000000027-27.gz',
  ]);
});

test('never half a command, nor half a transaction', async () => {
  const { out } = await onVolume(`${FIRST}
    core_leaving=yes; { cmd MULTI; cmd SET b 2; } | incr 1; engine_ship; { cmd EXEC; printf '*3\\r\\n$3\\r\\nSE'; } | incr 1; engine_ship; stored | grep incr
    printf 'T\\r\\n$1\\r\\nc\\r\\n$1\\r\\n3\\r\\n' | incr 1; engine_ship; stored | tail -n 1
    cat "$store/$log_of/$BRANCH/incr/000000001/"*.gz | gzip -d | cmp - "$aof/appendonly.aof.1.incr.aof" && echo same`);
  expect(out).toEqual([
    '000001/incr/000000001/0000000000000-37.gz',
    '000001/incr/000000001/0000000000037-56.gz',
    '000001/incr/000000001/0000000000093-27.gz',
    'same',
  ]);
});

test('in parts that end with a command', async () => {
  const { out, log } = await onVolume(`${FIRST}
    for n in 1 2 3 4 5 6 7 8 9; do cmd SET "k$n" "$n"; done | incr 1; part_size=40 base_part_size=10 batch=2; core_leaving=yes; engine_ship; engine_ship; stored`);
  expect(out).toEqual([
    '000001/base/000000001-1800001000/0000000000000-10',
    '000001/base/000000001-1800001000/0000000000010-10',
    '000001/base/000000001-1800001000/0000000000020-5',
    '000001/base/000000001-1800001000/complete-25',
    ...[0, 65, 121, 177, 233].map(
      (from) => `000001/incr/000000001/${String(from).padStart(13, '0')}-${from === 0 ? 65 : 56}.gz`,
    ),
  ]);
  expect(log).toEqual([
    'beginning branch 000001-0123456789abcdef0123456789abcdef of the log',
    'sending the base before increment 1, 25 bytes',
    'the store has the base before increment 1',
  ]);
});

test('in parts of what is longer than a pipe holds', async () => {
  const { out } = await onVolume(`${FIRST}
    value=$(printf '%0100000d' 7); for n in 1 2 3 4; do cmd SET "k$n" "$value"; done | incr 1; base 1 1800001000 "$value$value$value$value"; part_size=100000 base_part_size=100000
    core_leaving=yes; for n in 1 2 3; do engine_ship || echo failed; done; stored | grep -c incr; stored | grep complete
    cat "$store/$log_of/$BRANCH/incr/000000001/"*.gz | gzip -d | cmp - "$aof/appendonly.aof.1.incr.aof" && echo same`);
  expect(out).toEqual(['4', '000001/base/000000001-1800001000/complete-400021', 'same']);
});

test('another container goes on where the former one ended', async () => {
  const { out, log } = await onVolume(`${FIRST}
    core_leaving=yes; engine_ship; forget; cmd SET b 2 | incr 1; engine_ship; stored`);
  expect(out).toEqual([
    '000001/base/000000001-1800001000/0000000000000-25',
    '000001/base/000000001-1800001000/complete-25',
    '000001/incr/000000001/0000000000000-37.gz',
    '000001/incr/000000001/0000000000037-27.gz',
  ]);
  expect(log.at(-1)).toBe(`going on with the log in the store, branch 000001-${LOG_ID}`);
});

test.each([
  ['it is shorter, as after a crash', 'truncate -s 20 "$aof/appendonly.aof.1.incr.aof"'],
  ['other commands are there', '{ at 1001; cmd SET a 2; cmd SET b 2; } >"$aof/appendonly.aof.1.incr.aof"'],
])('%s: another branch begins, with its base, whether the container saw it or comes later', async (_, change) => {
  for (const forget of [':', 'forget']) {
    const { out, log } = await onVolume(`${FIRST}
      core_leaving=yes; engine_ship; ${change}; cmd SET c 3 | incr 1; ${forget}; engine_ship || engine_ship; stored | grep -v ^000001/`);
    expect(out).toEqual(
      expect.arrayContaining([
        '000002/base/000000001-1800001000/complete-25',
        expect.stringMatching(/^000002\/incr\/000000001\/0000000000000-/),
      ]),
    );
    expect(log).toContain(
      "the append-only file is not what the store's log goes on from, after a crash or because an older volume was brought back: beginning another branch, with a base",
    );
  }
});

test('an older state of the volume, of which the store has later increments', async () => {
  const { out } = await onVolume(`${FIRST}
    engine_ship; base 2 1800001002; manifest 2 1h 2; cmd SET b 2 | incr 2; core_leaving=yes; engine_ship
    rm "$aof"/*2.incr.aof; manifest 1 1; forget; engine_ship; stored | grep -c ^000002/`);
  expect(out).toEqual(['3']);
});

test('another volume has a branch of its own', async () => {
  const { out } = await onVolume(`${FIRST}
    core_leaving=yes; engine_ship; echo ${'f'.repeat(32)} >"$core_current/log-id"; engine_ship; ls "$store/$log_of"`);
  expect(out).toEqual([`000001-${LOG_ID}`, `000002-${'f'.repeat(32)}`]);
});

test('what was sent last is read back: damaged, it is not gone on from', async () => {
  const { log } = await onVolume(`${FIRST}
    core_leaving=yes; engine_ship; cmd SET x 1 | gzip >"$(echo "$store/$log_of/$BRANCH"/incr/000000001/*.gz)"; forget; engine_ship`);
  expect(log.slice(-4, -2)).toEqual(['GAP 000001 000002', `beginning branch 000002-${LOG_ID} of the log`]);
});

test('the store is away: it fails, begins no branch, and goes on', async () => {
  const { out, log } = await onVolume(`${FIRST}
    core_leaving=yes; engine_ship; touch "$store.away"; cmd SET b 2 | incr 1; engine_ship || echo failed; forget; engine_ship || echo failed
    rm "$store.away"; engine_ship; stored | tail -n 1`);
  expect(out).toEqual(['failed', 'failed', '000001/incr/000000001/0000000000037-27.gz']);
  expect(log.filter((line) => line.startsWith('beginning'))).toHaveLength(1);
});

test('the server may delete what it has no more use for when all of it was sent', async () => {
  const { out } = await onVolume(`${FIRST}
    engine_ship; ls "$state"; base 2 1800001002; manifest 2 1h 2; : | incr 2; touch "$store.away"; engine_ship || true; ls "$state" | grep log; rm "$store.away"; engine_ship; cat "$state/log-shipped"`);
  expect(out.at(-1)).toBe('2');
  expect(out.filter((line) => line.startsWith('log'))).toEqual([]);
});

test('an increment that was deleted before it was sent is a hole, and no end', async () => {
  const { out, log } = await onVolume(`${FIRST}
    engine_ship; base 2 1800001002; manifest 2 1h 2; rm "$aof"/*1.incr.aof; cmd SET b 2 | incr 2; core_leaving=yes; engine_ship; stored | grep incr`);
  expect(out).toEqual(['000001/incr/000000002/0000000000000-27.gz']);
  expect(log).toContain('GAP 000001-000000001 000001-000000002');
});

test('an increment whose end was deleted while no container ran is a gap too', async () => {
  const { out, log } = await onVolume(`${FIRST}
    core_leaving=yes; engine_ship; base 2 1800001002; manifest 2 2; rm "$aof"/*1.incr.aof; cmd SET b 2 | incr 2; forget; engine_ship; stored | grep incr`);
  expect(out).toEqual(['000001/incr/000000001/0000000000000-37.gz', '000001/incr/000000002/0000000000000-27.gz']);
  expect(log).toContain('GAP 000001-000000001 000001-000000002');
});

test('what waits is kept up to a bound, once the store was asked; how much that is, is said', async () => {
  const { out, log } = await onVolume(`${FIRST}
    stat() { if [[ $1 == -f ]]; then echo "$space"; else command stat "$@"; fi; }
    space='50 100'; held_log; engine_unshipped; base 2 1800001002; manifest 2 1h 2; : | incr 2; held_log
    cmd SET b "$(printf %0999d 1)" | incr 1; held_log; : >"$state/ship-looked"; held_log; engine_unshipped; max_unshipped=0; held_log; max_unshipped=2000; held_log
    space='9 100'; held_log; held_log; max_unshipped=0; held_log`);
  expect(out).toEqual(['held', '37', 'held', 'held', 'let-go', '1064', 'held', 'held', 'let-go', 'let-go', 'held']);
  expect(log).toEqual(
    Array(2).fill(
      '0 MiB of the append-only file, which the server has no more use for, are let go: as much waits for the store as may, or the volume is nearly full',
    ),
  );
});

test('increments that the server deleted while the container runs are a gap, which is said once', async () => {
  const { out, log } = await onVolume(`${FIRST}
    core_leaving=yes; engine_ship; touch "$store.away"; cmd SET b 2 | incr 1; engine_ship || true; rm "$aof"/*; base 3 1800001002; manifest 3 3; cmd SET c 3 | incr 3; engine_ship || echo failed
    rm "$store.away"; engine_ship; engine_ship; stored | grep incr; engine_unshipped`);
  expect(out).toEqual([
    'failed',
    '000001/incr/000000001/0000000000000-37.gz',
    '000001/incr/000000003/0000000000000-27.gz',
    '0',
  ]);
  expect(log.filter((line) => line.startsWith('GAP'))).toEqual(['GAP 000001-000000001 000001-000000003']);
});

test('a branch of which the store has a base only goes on with the increment after that', async () => {
  const { out, log } = await onVolume(`
    base 5 1800001000; manifest 5 4h 5; { at 1001; cmd SET a 1; } | incr 5; cmd SET z 1 | incr 4; engine_ship; forget; core_leaving=yes; engine_ship; stored | grep incr`);
  expect(out).toEqual(['000001/incr/000000005/0000000000000-37.gz']);
  expect(log.join()).not.toContain('GAP');
});

test('a base whose head says no time is named, and not sent', async () => {
  const { out, log } = await onVolume(`${FIRST}
    echo nonsense >"$aof/appendonly.aof.1.base.rdb"; engine_ship || echo failed; engine_ship || echo failed; stored`);
  expect(out).toEqual(['failed', 'failed']);
  expect(log.filter((line) => line.includes('appendonly.aof.1.base.rdb does not say'))).toHaveLength(1);
});

test('damage is said, and nothing after it is sent', async () => {
  const { out, log } = await onVolume(`${FIRST}
    printf 'nonsense\\r\\n' | incr 1; core_leaving=yes; engine_ship; stored | grep incr`);
  expect(out).toEqual(['000001/incr/000000001/0000000000000-37.gz']);
  expect(log).toContain(
    "DAMAGED: increment 1 of the append-only file has no command at byte 37: nothing after that is sent. Is the server's data sound?",
  );
});

test('nothing without an id of the log, a manifest, or with one that is not known', async () => {
  const { log } = await onVolume(`${FIRST}
    rm "$core_current/log-id"; engine_ship; echo ${LOG_ID} >"$core_current/log-id"; rm "$aof/appendonly.aof.manifest"; engine_ship
    echo 'file ../x seq 1 type i' >"$aof/appendonly.aof.manifest"; engine_ship; stored`);
  expect(log).toEqual(["the append-only file's manifest has a line that is not known: file ../x seq 1 type i"]);
});

test('old log goes from before the base that a backup is', async () => {
  const { out } = await onVolume(`
    for path in 000001-${'a'.repeat(32)}/incr/000000009/end-5 000002-${LOG_ID}/base/000000003-1000000000/p 000002-${LOG_ID}/incr/000000003/p 000002-${LOG_ID}/incr/000000004/p \\
      000002-${LOG_ID}/base/000000004-1000000100/p 000003-${'b'.repeat(32)}/incr/000000001/p; do mkdir -p "$store/$log_of/\${path%/*}"; : >"$store/$log_of/$path"; done
    mkdir -p "$store/$core_set_path/base/20261129T030000Z"; echo "base 000002-${LOG_ID} 000000004-1000000100" >"$store/$core_set_path/base/20261129T030000Z/index"
    engine_prune_log "$core_set_path" 20261129T030000Z; stored`);
  expect(out).toEqual([
    '000002/base/000000004-1000000100/p',
    '000002/incr/000000004/p',
    `000003-${'b'.repeat(32)}/incr/000000001/p`,
  ]);
});
