import { onVolume } from './log';

const BACKUP = '20261129T030000Z';
/** Lists 1 to 4; the backup is of the second. */
const LOG = `with_bundles=yes
  change 'echo 1 >a; echo 1 >same; mkdir b; echo 2 >b/c; ln -s ../x "b/l k"; chmod 755 a'; start $T; ship
  change 'echo 3 >d'; publish_at $((T + 1)); later; backup ${BACKUP} || echo 'no backup'
  change 'echo 4 >d; mv a b/e; rm same'; publish_at $((T + 2)); ship; change 'echo 5 >d; echo 1 >"same again"'; publish_at $((T + 3)); later
  at() { echo "$(date -u -d @$((T + \${1%.*})) +%FT%T)\${1#\${1%.*}}Z"; }`;
const [TWO, THREE, FOUR] = [
  ['a=1', 'b/', 'b/c=2', 'b/l k->../x', 'd=3', 'same=1'],
  ['b/', 'b/c=2', 'b/e=1', 'b/l k->../x', 'd=4'],
  ['b/', 'b/c=2', 'b/e=1', 'b/l k->../x', 'd=5', 'same again=1'],
];

test('the files of the last list at that time, and nothing of a later one; they are a new set, and proven', async () => {
  const { out, log } = await onVolume(`${LOG}
    for until in latest ${BACKUP} $(at 1) $(at 2) $(at 2.999); do echo "until $until"; restore ${BACKUP} "$until"; done
    (container=prove; use_data "$STUB/incoming"; stat -c %a "$files/b/e" "$files/b"; cat "$data/origin"
      cp "$published/position" "$STUB/copied"; (begin_run next && put_position); read_position "$STUB/copied"; in_the_past_of "$published/position" && echo followed
      engine_prove "$data" && echo proven; chmod u+w "$files/d"; echo other >"$files/d"; engine_prove "$data" || echo damaged)`);
  const of = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
  expect(`${out.join('\n')}\n`.split(/^until .*\n/m)).toEqual([
    '',
    of(FOUR),
    of(TWO),
    of(TWO),
    of(THREE),
    of([...THREE, '775', '2775', 'restored shop/orders until latest', 'followed', 'proven', 'damaged']),
  ]);
  expect(log).toContain(
    'restored 5 files, folders and links of list 4, published at 2027-01-15T08:00:02.000000Z, each file compared by its checksum',
  );
  expect(log.at(-1)).toBe("DAMAGED: what is at 'd' is not what the list says");
});

test('times that cannot be reached are named', async () => {
  const { out, log } = await onVolume(`${LOG}
    restore ${BACKUP} $(at 4); restore ${BACKUP} $(at 3); rm "$log_of"/*/lists/000000003-*; restore ${BACKUP} $(at 2); restore ${BACKUP} $(at 1)`);
  expect(out).toEqual(['failed', ...FOUR, 'failed', ...TWO]);
  expect(log.filter((line) => line.startsWith('CANNOT'))).toEqual([
    "CANNOT REACH 2027-01-15T08:00:04Z: the store's log ends before, or has a gap there. The last list before it is of 2027-01-15T08:00:03.000000Z. Give 'restoreFrom' that time, or RestorePoint.latest",
    "CANNOT REACH 2027-01-15T08:00:02Z: the store's log ends before, or has a gap there. The last list before it is of 2027-01-15T08:00:01.000000Z. Give 'restoreFrom' that time, or RestorePoint.latest",
  ]);
});

test('where lists were left out, only the times next to them can be reached', async () => {
  const { out, log } = await onVolume(`${LOG}
    with_bundles=; change 'echo 6 >d'; publish_at $((T + 10)); change 'echo 7 >d'; ship; publish_at $((T + 20)); later
    for until in $(at 3) $(at 3.5) $(at 15) $(at 19.9) $(at 20) $(at 20.5); do restore ${BACKUP} "$until" | grep -E 'd=|failed'; done
    change 'echo 8 >d'; publish_at $((T + 30)); later; restore ${BACKUP} $(at 25) | grep -E 'd=|failed'`);
  expect(out).toEqual(['d=5', 'failed', 'failed', 'failed', 'd=7', 'failed', 'd=7']);
  expect(log).toContain(
    "CANNOT REACH 2027-01-15T08:00:15Z: 1 lists that were published between 2027-01-15T08:00:03.000000Z and 2027-01-15T08:00:20.000000Z are not in the store, as files changed before they could be read. Give 'restoreFrom' one of these two times",
  );
});

test('a content that was gone when the backup was taken, and came back', async () => {
  const { out } = await onVolume(`
    change 'echo lock >lock; echo 1 >a'; start $T; ship; change 'rm lock; echo 2 >a'; publish_at $((T + 1)); later; backup ${BACKUP}
    change 'echo 3 >a'; publish_at $((T + 2)); change 'echo lock >again; echo 4 >a'; ship; publish_at $((T + 3)); later; restore ${BACKUP} latest`);
  expect(out).toEqual(['a=4', 'again=lock']);
});

test('after a gap: times in it cannot be reached, nor the latest, before there is another backup', async () => {
  const { out, log } = await onVolume(`${LOG}
    rm -rf "$core_current/unsent"; other_ship; change 'echo 6 >d'; publish_at $((T + 10)); ship; ship; change 'echo 7 >d'; publish_at $((T + 20)); later
    for until in $(at 2) $(at 15) latest; do restore ${BACKUP} "$until" | grep -E 'd=|failed'; done
    backup 20261130T030000Z; change 'echo 8 >d'; publish_at $((T + 30)); later; for until in $(at 25) latest; do restore 20261130T030000Z "$until" | grep -E 'd=|failed'; done
    engine_prune_log "$core_set_path" 20261130T030000Z; stored; restore 20261130T030000Z latest | grep d=`);
  expect(out).toEqual([
    'd=4',
    'failed',
    'failed',
    'd=7',
    'd=8',
    '000002/contents/000000001',
    '000002/contents/000000002',
    '000002/lists/000000002-000000001-7.gz',
    '000002/lists/000000003-000000002-8.gz',
    'd=8',
  ]);
  expect(log.filter((line) => line.startsWith('CANNOT'))).toEqual([
    expect.stringContaining('The last list before it is of 2027-01-15T08:00:03.000000Z'),
    expect.stringMatching(
      /^CANNOT REACH latest: .* after 2027-01-15T08:00:03.000000Z, and goes on behind it with branch 000002-/,
    ),
  ]);
});

test.each([
  ['contents', 'for file in "$log_of"/*/contents/*; do echo other | gzip >"$file"; done', 'is not what was written'],
  ['contents that are gone', 'rm -f "$log_of"/*/contents/*', 'DAMAGED: the store has not'],
  [
    'a part of the lists',
    'for file in "$log_of"/*/lists/000000003-*; do echo other | gzip >"$file"; done',
    'is not what was written',
  ],
  ['the part that continues the backup', 'rm -f "$log_of"/*/lists/000000002-*', 'has no part 000000002'],
  [
    'the backup',
    `echo other | gzip >"$store/$core_set_path/base/${BACKUP}/copy"`,
    'DAMAGED: the backup has no list of files',
  ],
])('what is damaged in the store is named: %s', async (_, damage, words) => {
  const { out, log } = await onVolume(`${LOG}\n${damage}; restore ${BACKUP} latest`);
  expect(out).toEqual(['failed']);
  expect(log.join('\n')).toContain(words);
});

test('a backup that was copied before the log began is none', async () => {
  const { out, log } = await onVolume(`
    change 'echo 1 >a'; start $T; engine_backup "$(core_host_of 0)" >/dev/null; change 'echo 2 >a'; publish_at $((T + 1)); ship; engine_seal || echo failed`);
  expect(out).toEqual(['failed']);
  expect(log.at(-1)).toBe('the log in the store began again after list 1 was copied, so nothing continues it');
});

test('a backup of files that change while it is taken is of a later list; of ones that never rest there is none', async () => {
  const { out, log } = await onVolume(`piece_size=1000
    change 'echo 1 >a; seq 1000 >large; seq 1000 >twin'; start $T; ship; printf '#!/bin/sh\\n[ -e "$STUB/changed" ] || { touch "$STUB/changed"; echo 2 >"%s/files/a"; }\\n' "$core_current" >"$STUB/before-copy"; chmod +x "$STUB/before-copy"
    pause() { publish_at $((T + 1)); work=$state/work-pod later; }; backup ${BACKUP}; cut -d ' ' -f 1,2 "$facts"; pause() { :; }; restore ${BACKUP} latest | grep -E '^a=|^1000$' | sort | uniq -c | sed 's/^ *//'
    passes=2; printf '#!/bin/sh\\ndate +%%N >"%s/files/a"\\n' "$core_current" >"$STUB/before-copy"; backup 20261130T030000Z || echo failed`);
  expect(out).toEqual(['at 2', '2 1000', '1 a=2', 'failed']);
  expect(log.at(-1)).toMatch(/could not be copied as they are in its list, in 2 attempts \('a' for one\)/);
});
