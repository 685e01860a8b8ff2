import { onVolume } from './log';

const FIRST = `change 'echo 1 >a; mkdir b; echo 2 >b/c'; start $T; ship`;

test('the log begins with a full list; then what has changed, when it has waited for as long as may be lost', async () => {
  const { out, log } = await onVolume(`${FIRST}; stored; part 1 | LC_ALL=C sort; ship
    change 'echo 3 >d; mv a e; ln -s x y'; publish_at $((T + 1)); ship; change 'rm b/c'; publish_at $((T + 2)); ship; stored | wc -l; later
    stored; part 2 | LC_ALL=C sort; gzip -d -c "$log_of"/*/contents/* | tar -x -O; find "$core_current/unsent/lists" "$core_current/unsent/contents" -type f | wc -l`);
  expect(out).toEqual([
    '000001/lists/000000001-000000001-1.gz',
    '/5',
    'd 755 VERSION - b',
    'f 644 VERSION MD5 a',
    'f 644 VERSION MD5 b/c',
    'list 1 1800000000000000 full 3',
    'log 1 1',
    '1',
    '000001/contents/000000001',
    '000001/lists/000000001-000000001-1.gz',
    '000001/lists/000000002-000000001-3.gz',
    '+ f 644 VERSION MD5 d',
    '+ f 644 VERSION MD5 e',
    '+ l 777 x - y',
    '- a',
    '- b/c',
    '/9',
    'archive MD5 000000001',
    'list 2 1800000001000000 delta 4',
    'list 3 1800000002000000 delta 1',
    'log 1 2',
    '3',
    '0',
  ]);
  expect(log).toEqual([expect.stringMatching(/^beginning branch 000001-[0-9a-f]{32} of the log$/)]);
});

test('lists that were published since the last look, each with what came with it', async () => {
  const { out } = await onVolume(`with_bundles=yes; ${FIRST}
    for n in 1 2 3; do change "echo $n >a; echo new $n >n$n"; publish_at $((T + n)); done; later; part 2 | grep -E '^(list|archive|\\+)' | sort | uniq -c | sed 's/^ *//'
    gzip -d -c "$log_of"/*/contents/* | tar -x -O | sort`);
  expect(out).toEqual([
    '3 + f 644 VERSION MD5 a',
    '1 + f 644 VERSION MD5 n1',
    '1 + f 644 VERSION MD5 n2',
    '1 + f 644 VERSION MD5 n3',
    '4 archive MD5 000000001',
    '1 list 2 1800000001000000 delta 2',
    '1 list 3 1800000002000000 delta 2',
    '1 list 4 1800000003000000 delta 2',
    '3',
    'new 1',
    'new 2',
    'new 3',
  ]);
});

test('a list whose file has changed before it was read is left out, and the next one tells all of it', async () => {
  const { out } = await onVolume(`${FIRST}
    change 'echo two >a; echo x >n'; publish_at $((T + 1)); change 'echo three >a'; later; stored | grep -c lists
    publish_at $((T + 2)); later; part 2; gzip -d -c "$log_of"/*/contents/* | tar -x -O | sort`);
  expect(out).toEqual([
    '1',
    'log 1 2',
    'archive MD5 000000001',
    'archive MD5 000000001',
    'list 3 1800000002000000 delta 2',
    '+ f 644 VERSION MD5 n',
    '+ f 644 VERSION MD5 a',
    '/6',
    'three',
    'x',
  ]);
});

test('a content that was gone for a while comes with the log again, also where that list was left out', async () => {
  const { out } = await onVolume(`change 'echo lock >lock; echo 1 >a'; start $T; ship
    change 'rm lock; echo 2 >a'; publish_at $((T + 1)); change 'echo 3 >a'; ship; change 'echo lock >again'; publish_at $((T + 2)); later
    part 2 | grep -c ^archive; gzip -d -c "$log_of"/*/contents/* | tar -x -O | sort`);
  expect(out).toEqual(['2', '3', 'lock']);
});

test('a large file comes in pieces, and one that changes between them under no name', async () => {
  const { out } = await onVolume(`piece_size=1000; ${FIRST}
    change 'seq 1000 >large'; publish_at $((T + 1)); later; part 2 | grep pieces; for piece in "$log_of"/*/contents/*; do gzip -d -c "$piece"; done | cmp - "$core_current/files/large" && echo same
    change 'seq 2000 >large'; publish_at $((T + 2)); change 'echo 1 >>large'; later; stored | grep -c lists`);
  expect(out).toEqual(['pieces MD5 000000001 000000002 000000003 000000004', 'same', '2']);
});

test('another container goes on where the former one ended, with what waits for the store', async () => {
  const { out, log } = await onVolume(`${FIRST}
    : >"$store.away"; change 'echo 3 >d'; publish_at $((T + 1)); later; change 'echo 4 >d'; publish_at $((T + 2)); ship; stored | wc -l; engine_unshipped | grep -cE '^[1-9]'
    other_ship; rm "$store.away"; later; stored; part 3 | grep -v /; start $((T + 9)); ship; change 'echo 5 >d'; publish_at $((T + 10)); later; part 4 | grep -E 'list|archive'`);
  expect(out).toEqual([
    '1',
    '1',
    '000001/contents/000000001',
    '000001/contents/000000002',
    '000001/lists/000000001-000000001-1.gz',
    '000001/lists/000000002-000000001-2.gz',
    '000001/lists/000000003-000000002-3.gz',
    'log 1 3',
    'archive MD5 000000002',
    'list 3 1800000002000000 delta 1',
    '+ f 644 VERSION MD5 d',
    'archive MD5 000000003',
    'list 4 1800000009000000 full 4',
    'list 5 1800000010000000 delta 1',
  ]);
  expect(log.filter((line) => /GAP|begins again/.test(line))).toEqual([]);
});

test('more waits than may: it is dropped, and the log begins again behind a gap', async () => {
  const { out, log } = await onVolume(`${FIRST}; : >"$state/ship-looked"; max_unshipped=20000
    : >"$store.away"; change 'head -c 30000 /dev/urandom >large'; publish_at $((T + 1)); later; engine_unshipped; ship; later; rm "$store.away"; change 'echo 9 >z'; publish_at $((T + 2)); later; stored`);
  expect(out.slice(1)).toEqual([
    '000001/lists/000000001-000000001-1.gz',
    '000002/contents/000000001',
    '000002/lists/000000001-000000001-2.gz',
    '000002/lists/000000002-000000001-3.gz',
  ]);
  expect(log).toContain('GAP 000001 000002');
  expect(log).toContain(
    '0 MiB that wait for the store are dropped: as much waits as may, or the volume is nearly full. The log begins again',
  );
});

test('all log is kept where that was asked for', async () => {
  const { out } = await onVolume(`${FIRST}; : >"$state/ship-looked"; max_unshipped=0
    : >"$store.away"; change 'head -c 30000 /dev/urandom >large'; publish_at $((T + 1)); later; ship; rm "$store.away"; later; stored | tail -n 1`);
  expect(out).toEqual(['000001/lists/000000002-000000001-2.gz']);
});

test.each([
  ['an older state of the volume', 'rm -rf "$core_current"; mv "$STUB/older" "$core_current"', 'goes on'],
  ['what waited is damaged', 'rm -f "$core_current"/unsent/list-*', ''],
  ['an empty volume, recovered from a replica', 'rm -rf "$core_current/unsent"', ''],
])('%s: another branch begins, behind a gap', async (_, meanwhile) => {
  const { out, log } = await onVolume(`${FIRST}; cp -a "$core_current" "$STUB/older"
    change 'echo 3 >d'; publish_at $((T + 1)); later; ${meanwhile}; other_ship; later; later; stored | grep ^000002/lists`);
  expect(out).toHaveLength(1);
  expect(log).toContain('GAP 000001 000002');
});

test('files that do not come after those of the log, while the container runs', async () => {
  const { log } = await onVolume(`${FIRST}
    { echo 'documents 0 other'; echo 'other 0'; } >"$core_current/published/position"; echo 'documents 0 other 0' >"$core_current/published/manifest"; later; later`);
  expect(log.join('\n')).toContain('these files do not come after those of the log');
  expect(log).toContain('GAP 000001 000002');
});

test('what could not be read once is looked for again', async () => {
  const { out } = await onVolume(`${FIRST}
    change 'echo 3 >d'; publish_at $((T + 1)); tar() { return 1; }; later; unset -f tar; ship; stored | grep -c lists; now=$((now + 5)); ship; stored | grep -c lists; later; later; stored | grep -c lists`);
  expect(out).toEqual(['1', '1', '2']);
});

test('a pod that stops sends what it has', async () => {
  const { out } = await onVolume(`${FIRST}
    change 'echo 3 >d'; publish_at $((T + 1)); ship; core_leaving=yes; ship; stored | tail -n 1`);
  expect(out).toEqual(['000001/lists/000000002-000000001-2.gz']);
});
