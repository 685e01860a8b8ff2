import { LOG_ID, onVolume } from './log';

// Two increments, between which the server wrote its file again at 1800001010: what was run is noted with its second.
const LOG = `
  core_leaving=yes
  base 1 1800001000 first; manifest 1 1
  { at 1800001001; cmd SELECT 0; cmd SET a 1; at 1800001003; cmd SET b 1; at 1800001010; cmd SET c 1; } | incr 1
  part_size=40 engine_ship
  base 2 1800001010 second; manifest 2 1h 2
  { cmd SELECT 0; cmd SET d 1; at 1800001020; cmd MULTI; cmd SET e 1; cmd SET f 1; cmd EXEC; at 1800001030; cmd SET g 1; } | incr 2
  part_size=40 engine_ship
  # restore UNTIL: the base, the keys that are set after it, and the last second.
  restore() {
    local base last
    list_settled_log "$core_set_path" "$BRANCH/000000001-1800001000" "$1" && base=$(choose_log_base "$1" "$BRANCH/000000001-1800001000") || return 1
    fetch_log_base "$core_set_path" "$base" "$STUB/base" || return 1
    : >"$STUB/log"
    last=$(fetch_increments "$core_set_path" "$base" "$1" "$STUB/log") || return 1
    echo "$(tail -c +22 "$STUB/base"):$(tr -d '\\r' <"$STUB/log" | grep -xE '[a-z]' | paste -sd ' ') $last"
  }`;

test.each([
  [1800001001, 'first: 0'],
  [1800001002, 'first:a 1800001001'],
  [1800001003, 'first:a 1800001001'],
  [1800001004, 'first:a b 1800001003'],
  [1800001010, 'first:a b 1800001003'],
  [1800001011, 'second:d 0'],
  [1800001020, 'second:d 0'],
  [1800001021, 'second:d e f 1800001020'],
  [1800001030, 'second:d e f 1800001020'],
  [0, 'second:d e f g 1800001030'],
])('until %s: %s', async (until, expected) => {
  expect((await onVolume(`${LOG}\n restore ${until}`)).out).toEqual([expected]);
});

test('after the last command: it cannot be reached, as what was run then may not be there yet', async () => {
  const { out, log } = await onVolume(`${LOG}\n restore 1800001031 || echo failed`);
  expect(out).toEqual(['failed']);
  expect(log.at(-1)).toBe(
    "CANNOT REACH 2027-01-15T08:17:11Z: the store's log ends before, or has a hole there. What is known to be whole ends in the second " +
      "2027-01-15T08:17:10Z. Give 'restoreFrom' that time, or RestorePoint.latest",
  );
});

test('after the last command, and long before the next base: nothing was run', async () => {
  const { out } = await onVolume(`${LOG}
    base 3 1800009000 third; manifest 3 2h 3; : | incr 3; engine_ship; restore 1800005000; restore 1800008900 2>/dev/null || echo failed`);
  expect(out).toEqual(['second:d e f g 1800001030', 'failed']);
});

test('a base that is not complete is none: its increments follow those before', async () => {
  const { out } = await onVolume(
    `${LOG}\n rm "$store/$log_of/$BRANCH"/base/000000002-*/complete-*; restore 1800001020; restore 0`,
  );
  expect(out).toEqual(['first:a b c d 1800001010', 'first:a b c d e f g 1800001030']);
});

test('behind a hole it goes on with the next base only', async () => {
  const { out } = await onVolume(`${LOG}
    rm "$store/$log_of/$BRANCH"/incr/000000001/end-*; restore 1800001004; restore 0`);
  expect(out).toEqual(['first:a b 1800001003', 'second:d e f g 1800001030']);
});

test('behind a hole without a base there is nothing', async () => {
  const { out, log } = await onVolume(`${LOG}
    rm "$store/$log_of/$BRANCH"/incr/000000001/end-* "$store/$log_of/$BRANCH"/base/000000002-*/complete-*; restore 0 || echo failed; restore 1800001020 || echo failed`);
  expect(out).toEqual(['failed', 'failed']);
  expect(log.join('\n')).toContain(
    `CANNOT REACH latest: the log in the store has a gap after the second 2027-01-15T08:16:50Z, and goes on behind it with 000001-${LOG_ID}/incr/000000002`,
  );
  expect(log.at(-1)).toContain('CANNOT REACH 2027-01-15T08:17:00Z');
});

test('the latest is all that the store has: a part that is missing at its end is waited for, and then an error', async () => {
  const { out, log } = await onVolume(`${LOG}
    part=$(echo "$store/$log_of/$BRANCH"/incr/000000002/0000000000050-*); mv "$part" "$STUB/part"; restore 0 || echo failed
    core_back_off() { mv "$STUB/part" "$part"; }; restore 0`);
  expect(out).toEqual(['failed', 'second:d e f g 1800001030']);
  expect(log.filter((line) => line.startsWith('again'))).toEqual([1, 2, 3, 4, 5].map((n) => `again ${n}`));
  expect(log.join('\n')).toContain('CANNOT REACH latest');
});

test.each([
  [1800001004, 'failed'],
  [1800001003, 'failed'],
  [1800001001, 'first: 0'],
])('a part that is missing is a hole: until %s', async (until, expected) => {
  const { out, log } = await onVolume(`${LOG}
    rm "$store/$log_of/$BRANCH"/incr/000000001/0000000000066-*; restore ${until} || echo failed`);
  expect(out).toEqual([expected]);
  if (expected === 'failed')
    expect(log.at(-1)).toContain(', or one after 2027-01-15T08:16:51Z, or RestorePoint.latest');
});

test('of two parts that overlap, as two containers sent them, each command once', async () => {
  const { out } = await onVolume(`${LOG}
    part_size=1000000; forget; branch=$BRANCH first_needed=1; rm -rf "$store.other"; cp -r "$store" "$store.other"; rm -rf "$store.other/$log_of/$BRANCH/incr"
    store=$store.other; ship_increments; cp -r "$store/." "\${store%.other}/"; store=\${store%.other}; ls "$store/$log_of/$BRANCH/incr/000000002" | wc -l; restore 0; restore 1800001021`);
  expect(out).toEqual(['4', 'second:d e f g 1800001030', 'second:d e f 1800001020']);
});

test.each([
  ['incr/000000002', 'of the log', 'gzip -c >'],
  ['base/000000002-1800001010', 'of the base', 'cat >'],
])('a part in %s that is not what was written is named', async (folder, _, write) => {
  const { out, log } = await onVolume(`${LOG}
    for file in "$store/$log_of/$BRANCH/${folder}"/0*; do echo changed | ${write}"$file"; break; done; restore 0 || echo failed`);
  expect(out).toEqual(['failed']);
  expect(log.join('\n')).toMatch(
    new RegExp(`DAMAGED: shop/orders/7f/log/000001-${LOG_ID}/${folder}/\\S+ in the store is not what was written`),
  );
});

test('the store goes away: it fails, and is not taken for an end', async () => {
  const { out } = await onVolume(`${LOG}
    core_store_do() { return 1; }; restore 0 || echo failed`);
  expect(out).toEqual(['failed']);
});

test('silence is waited for, and a part that the store has no more is named', async () => {
  const { out, log } = await onVolume(`${LOG}
    fetch_tries=3; real=$(declare -f core_store_do); core_store_do() { [[ $2 != copy ]] || { unset -f core_store_do; eval "$real"; return 1; }; }
    restore 0; core_store_do() { rm -f "$store/$log_of/$BRANCH"/incr/000000002/0000000000050-*; eval "$real"; core_store_do "$@"; }; restore 0 || echo failed`);
  expect(out).toEqual(['second:d e f g 1800001030', 'failed']);
  expect(log).toContain(`store: it does not give the log in 000001-${LOG_ID}/incr/000000002; trying again`);
  expect(log.at(-1)).toMatch(
    /^DAMAGED: the store has shop\/orders\/7f\/log\/\S+\/incr\/000000002\/0000000000050-\S+ no more$/,
  );
});

test('a newer branch, of a recovered volume, is where the latest is; its first base ends what the former one had', async () => {
  const { out, log } = await onVolume(`${LOG}
    echo ${'f'.repeat(32)} >"$core_current/log-id"; rm "$aof"/*; base 1 1800002000 recovered; manifest 1 1; { at 1800002001; cmd SET z 1; at 1800002005; cmd SET y 1; } | incr 1; engine_ship
    restore 0; restore 1800002005; restore 1800001030; restore 1800001500 || echo failed
    rm "$store/$log_of"/000002-*/base/*/complete-*; restore 0 || echo failed`);
  expect(out).toEqual([
    'recovered:z y 1800002005',
    'recovered:z 1800002001',
    'second:d e f 1800001020',
    'failed',
    'failed',
  ]);
  expect(log.at(-1)).toContain(
    'CANNOT REACH latest: the log in the store has a gap after the second 2027-01-15T08:17:10Z, and goes on behind it with 000002-',
  );
});

test.each([
  ['append-only file 1\nbase 000001-LOG 000000001-1800001000\npart x\n', '000001-LOG/000000001-1800001000'],
  ['append-only file 2\nbase 000001-LOG 000000001-1800001000\n', ''],
  ['append-only file 1\nbase ../x 000000001-1800001000\n', ''],
  ['append-only file 1\nbase 000001-LOG 000000001-1800001000 more\n', ''],
  ['', ''],
])('what a backup names', async (text, base) => {
  const { out } = await onVolume(
    `printf '%s' '${text.replace('LOG', LOG_ID)}' | engine_restore "$STUB/in"; base_of_backup "$STUB/in/backup" || echo none`,
  );
  expect(out).toEqual([base === '' ? 'none' : base.replace('LOG', LOG_ID)]);
});

test('a backup whose base is gone is damaged', async () => {
  const { log } = await onVolume(`${LOG}\n list_log "$core_set_path" "$BRANCH/000000009-1800001000"`);
  expect(log.at(-1)).toBe(
    `DAMAGED: the store has no base 000000009-1800001000 of branch 000001-${LOG_ID} any more, which the backup is`,
  );
});

test('parts of a second cannot be reached', async () => {
  const { out, log } = await onVolume(`
    mkdir "$STUB/in"; engine_replay "$STUB/in" "$core_set_path" 2027-01-15T08:17:00.5Z origin || echo failed`);
  expect(out).toEqual(['failed']);
  expect(log).toEqual([
    "CANNOT REACH 2027-01-15T08:17:00.5Z: the log of redis has whole seconds. Give 'restoreFrom' a time without parts of a second: all that was run before it is then there",
  ]);
});
