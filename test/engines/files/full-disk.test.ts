import { FilesPod, WITH_PRIMARY } from './pod';

// Lists are made on a disk that may be full, of which neither awk, xargs nor find need tell. No one may take a short
// one for the whole: it would be published as what there is, and every replica would remove what is missed in it.
//
// The disk is one on which a shell and all that it starts write no file beyond so many bytes (`ulimit -f`, the signal
// ignored): what is written beyond is lost, as on one that is full.

jest.setTimeout(120_000);

let pod: FilesPod;
afterEach(() => pod.dispose());

const FILES = 40;
/** With names that make every list some kilobytes long, so that each of these sizes cuts another one short. */
const SIZES = Array.from({ length: 26 }, (_, i) => i);
const LARGE = 200;
const NAME = `a-file-with-a-long-name-${'x'.repeat(220)}`;
/**
 * `full BLOCKS COMMAND`: where no file grows beyond so many blocks of 1,024 bytes, which are bash's; and how it ended.
 */
const FULL =
  'full() { (trap "" XFSZ; ulimit -f "$1"; shift; "$@") 2>/dev/null || echo "status $?" >>"$state/statuses"; }; : >"$state/statuses"';
const numbers = (out: string): number[] =>
  out
    .split('\n')
    .filter((line) => /^\d+$/.test(line))
    .map(Number);
const failed = (): number => pod.read('state/statuses').split('\n').length - 1;

test('a primary publishes all that there is, or nothing', async () => {
  pod = new FilesPod(0);
  pod.patience = 100_000;
  const { out } = await pod.does(`. "$scripts/publish.sh"; renew_lists() { :; }; rest() { :; }; ${FULL}
    echo 'documents 0 none' | put position; echo 'documents 0 none 0' | put manifest
    for i in $(seq ${FILES}); do echo $i >"$files/${NAME}-$i"; done; ln -s x "$files/a link"
    for size in ${SIZES.join(' ')} ${LARGE}; do
      cp "$published/position" "$published/manifest" "$state"
      full $size begin_publishing
      whole_manifest=$(unpack "$published/manifest") && printf '%s\\n' "$whole_manifest" | grep -c '^[fl]' || true
      cp "$state/position" "$state/manifest" "$published"
    done`);
  expect(numbers(out)).toEqual([
    ...numbers(out)
      .slice(0, -1)
      .map((count) => (count === 0 ? 0 : FILES + 1)),
    FILES + 1,
  ]);
  expect(numbers(out)).toHaveLength(SIZES.length + 1);
  expect(failed()).toBeGreaterThan(10);
});

test('nor takes it what it cannot list for gone', async () => {
  pod = new FilesPod(0);
  pod.patience = 100_000;
  const { out } = await pod.does(`. "$scripts/publish.sh"; renew_lists() { :; }; rest() { :; }; ${FULL}
    echo 'documents 0 none' | put position; echo 'documents 0 none 0' | put manifest
    for i in $(seq ${FILES}); do echo $i >"$files/${NAME}-$i"; done; begin_publishing
    looks() { publish_changes; publish_changes; publish_changes; }
    for size in ${SIZES.join(' ')} ${LARGE}; do
      echo $size >"$files/new"; full $size looks; unpack "$published/manifest" | grep -c "${NAME}"
    done`);
  expect(numbers(out)).toEqual(Array(SIZES.length + 1).fill(FILES));
  expect(failed()).toBeGreaterThan(10);
});

test.each(['come', 'come_by_change'])(
  'a replica has afterwards what the primary has, or what it had: %s',
  async (way) => {
    pod = new FilesPod(1);
    pod.patience = 100_000;
    pod.served(0);
    // The steps of one that has half the files too many, a folder that was renamed and a file of another kind.
    const { out } = await pod.does(`${WITH_PRIMARY}${FULL}
    change 'mkdir old; for i in $(seq ${FILES}); do echo $i >"old/${NAME}-$i"; done'; look; come
    cp -a "$files" "$state/before"; cp "$work/own" "$state/own"
    change 'mv old new; rm new/*-1*; echo 1 >new/1; echo 2 >old'; look
    for size in ${SIZES.join(' ')} ${LARGE}; do
      rm -rf "$files" "$data/pending"; cp -a "$state/before" "$files"; cp "$state/own" "$work/own"
      full $size ${way}
      find "$files" -name '${NAME}-[2-9]*' | wc -l
    done; ls "$files/new" | wc -l`);
    const kept = Array.from({ length: FILES }, (_, i) => String(i + 1)).filter((i) => !i.startsWith('1')).length;
    expect(numbers(out)).toEqual([...Array<number>(SIZES.length + 1).fill(kept), kept + 1]);
    expect(failed()).toBeGreaterThan(5);
  },
);

test('a replica says of its files what is there, or what it had said', async () => {
  pod = new FilesPod(1);
  pod.patience = 100_000;
  pod.served(0);
  const { out } = await pod.does(`${WITH_PRIMARY}${FULL}
    blank; change 'for i in $(seq ${FILES}); do echo $i >"${NAME}-$i"; done'; publish_all; begin_following
    read_their_position "$(core_host_of 0)" "$work/their"; come_to "$(core_host_of 0)" "$work/their"; rm "$files"/*-17
    cp "$published/manifest" "$state"
    for size in ${SIZES.join(' ')} ${LARGE}; do
      rm -f "$data/pending"; cp "$state/manifest" "$published"; full $size begin_following; unpack "$published/manifest" | grep -c '^f'
    done`);
  expect(numbers(out)).toEqual([
    ...numbers(out)
      .slice(0, -1)
      .map((count) => (count === FILES - 1 ? count : FILES)),
    FILES - 1,
  ]);
  expect(failed()).toBeGreaterThan(5);
});

test('a manifest of another pod that has not come whole is not taken', async () => {
  pod = new FilesPod(1);
  pod.patience = 100_000;
  pod.served(0);
  const { out } = await pod.does(`${WITH_PRIMARY}
    blank; change 'for i in $(seq 20); do echo $i >"file-$i"; done'; publish_all; begin_following
    read_their_position "$(core_host_of 0)" "$work/their"; cp "$primary/published/manifest" "$state/whole"; size=$(wc -c <"$state/whole")
    while size=$((size - 97)); [ $size -gt 0 ]; do
      head -c $size "$state/whole" >"$primary/published/manifest"
      if come_to "$(core_host_of 0)" "$work/their"; then echo taken; fi
    done; ls "$files"; cp "$state/whole" "$primary/published/manifest"; come_to "$(core_host_of 0)" "$work/their"; ls "$files" | wc -l`);
  expect(out).toBe('20\n');
});
