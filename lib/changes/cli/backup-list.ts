/** A complete backup. */
interface ListedBackup {
  readonly name: string;
  readonly ended: string;
  readonly bytes: number;
  /** The backup since which it holds what changed, and which it needs; null if it holds all data. */
  readonly parent: string | null;
  /** When it was restored and checked; null if never. */
  readonly proven: string | null;
}

/** What the store has of one set, as `list-backups.sh` says it. */
export interface BackupList {
  /** Data of this name, the newest last: each time that the set was made or restored is one. */
  readonly data: readonly { readonly identity: string; readonly began: string }[];
  /** Those of the newest data, the newest first. */
  readonly backups: readonly ListedBackup[];
  /** Those whose index is not what was written, and those that need a backup that is not among `backups`. */
  readonly damaged: readonly string[];
  /** Those that have no index: they are being made, or failed. */
  readonly incomplete: readonly string[];
  /** Every second in it can be restored; to the end as far as something was written until then. */
  readonly window: { readonly from: string; readonly to: string } | null;
  /**
   * Where the store lacks log: no time can be restored from some time before it was found until a later backup ended,
   * if there is one.
   */
  readonly gaps: readonly { readonly found: string; readonly until: string | null }[];
  /** The newest, of whatever backup. */
  readonly lastProof: { readonly backup: string; readonly proven: string; readonly seconds: number } | null;
  /** The newest that failed, if none succeeded since. */
  readonly failedProof: { readonly backup: string; readonly failed: string } | null;
}

const STAMP = '\\d{8}T\\d{6}Z';
const INSTANT = '\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z';

/** Every line that the script prints. What matches none of these came from elsewhere, and is not read. */
const LINES = {
  data: new RegExp(`^data ([0-9A-Za-z-]{1,64}) (${STAMP})$`, 'gm'),
  backup: new RegExp(`^backup (${STAMP}) (${INSTANT}) (\\d{1,15})$`, 'gm'),
  parent: new RegExp(`^parent (${STAMP}) (${STAMP})$`, 'gm'),
  damaged: new RegExp(`^damaged (${STAMP})$`, 'gm'),
  incomplete: new RegExp(`^incomplete (${STAMP})$`, 'gm'),
  proven: new RegExp(`^proven (${STAMP}) (${INSTANT}) (\\d{1,9})$`, 'gm'),
  unproven: new RegExp(`^unproven (${STAMP}) (${INSTANT})$`, 'gm'),
  gap: new RegExp(`^gap (${STAMP})$`, 'gm'),
  log: new RegExp(`^log (${INSTANT})$`, 'gm'),
  end: /^end$/gm,
};

/**
 * Reads what the script printed.
 *
 * @returns nothing if it was cut off
 */
export function parseBackupList(text: string): BackupList | undefined {
  const found = (kind: keyof typeof LINES): string[][] =>
    [...text.matchAll(LINES[kind])].map(([, ...fields]) => fields);
  if (found('end').length === 0) return undefined;
  const proofs = found('proven').sort(([, a], [, b]) => (a < b ? -1 : 1));
  const proven = new Map(proofs.map(([name, when]) => [name, when]));
  const listed = found('backup');
  const parents = new Map(found('parent').map(([name, parent]) => [name, parent]));
  const whole = wholeOf(
    listed.map(([name]) => name),
    parents,
  );
  const backups = listed
    .filter(([name]) => whole.has(name))
    .sort(newestFirst)
    .map(([name, ended, bytes]) => ({
      name,
      ended,
      bytes: Number(bytes),
      parent: parents.get(name) ?? null,
      proven: proven.get(name) ?? null,
    }));
  const last = proofs.at(-1);
  const [failed] = found('unproven')
    .filter(([, when]) => last === undefined || when > last[1])
    .sort(([, a], [, b]) => (a > b ? -1 : 1));
  const log = found('log').at(-1)?.[0] ?? '';
  const [newest, oldest] = [backups[0], backups[backups.length - 1]];
  return {
    data: found('data').map(([identity, began]) => ({ identity, began: instantOf(began) })),
    backups,
    damaged: [...found('damaged'), ...listed.filter(([name]) => !whole.has(name))]
      .sort(newestFirst)
      .map(([name]) => name),
    incomplete: found('incomplete')
      .sort(newestFirst)
      .map(([name]) => name),
    window: backups.length === 0 ? null : { from: oldest.ended, to: log > newest.ended ? log : newest.ended },
    gaps: found('gap')
      .sort(newestFirst)
      .map(([stamp]) => ({
        found: instantOf(stamp),
        until: backups.filter((backup) => backup.name > stamp).at(-1)?.ended ?? null,
      })),
    lastProof: last === undefined ? null : { backup: last[0], proven: last[1], seconds: Number(last[2]) },
    failedProof: failed === undefined ? null : { backup: failed[0], failed: failed[1] },
  };
}

/** Those of which all is there that they build on. */
function wholeOf(names: readonly string[], parents: ReadonlyMap<string, string>): ReadonlySet<string> {
  const whole = new Set<string>();
  // A parent is older.
  for (const name of [...names].sort()) {
    const parent = parents.get(name);
    if (parent === undefined || whole.has(parent)) whole.add(name);
  }
  return whole;
}

/** The same for people. */
export function formatBackupList(
  title: string,
  { data, backups, damaged, incomplete, window, gaps, lastProof, failedProof }: BackupList,
): string {
  const newest = data.at(-1);
  if (newest === undefined) return `${title}: the store has nothing of it\n`;
  const hasParents = backups.some(({ parent }) => parent !== null);
  const rows = [
    ...backups.map(({ name, ended, bytes, parent, proven }) => [
      name,
      ended,
      sizeInWords(bytes),
      ...(hasParents ? [parent === null ? 'all' : `changes since ${parent}`] : []),
      proven ?? 'not yet',
    ]),
    ...damaged.map((name) => [name, 'DAMAGED']),
    ...incomplete.map((name) => [name, 'incomplete']),
  ].sort(newestFirst);
  const earlier = data.slice(0, -1).map(({ identity, began }) => `${identity} (since ${began})`);
  return [
    `${title}: data ${newest.identity}, since ${newest.began}`,
    ...(rows.length === 0
      ? []
      : columns([['BACKUP', 'ENDED', 'SIZE', ...(hasParents ? ['HOLDS'] : []), 'PROVEN'], ...rows])),
    window === null
      ? 'there is no complete backup: nothing can be restored'
      : `any second from ${window.from} to about ${window.to} can be restored`,
    ...gaps.map(
      ({ found, until }) =>
        `but none in a gap of the log, from before ${found} ${until === null ? 'on, until another backup is complete' : `to ${until}`}`,
    ),
    lastProof === null
      ? 'none was proven yet'
      : `the last proof: ${lastProof.backup}, at ${lastProof.proven}, in ${lastProof.seconds} s`,
    ...(failedProof === null
      ? []
      : [
          `THE NEWEST PROOF FAILED: ${failedProof.backup}, at ${failedProof.failed}. Take another backup now, keep older ones, and run the job 'proof' by hand: its log says why`,
        ]),
    ...(earlier.length === 0
      ? []
      : [`earlier data of this name, which no RestorePoint reaches: ${earlier.join(', ')}`]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function newestFirst([a]: string[], [b]: string[]): number {
  return a > b ? -1 : 1;
}

/** For example `20261129T030000Z` as `2026-11-29T03:00:00Z`. */
function instantOf(stamp: string): string {
  return stamp.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, '$1-$2-$3T$4:$5:$6Z');
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

function sizeInWords(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${power === 0 ? bytes : (bytes / 2 ** (10 * power)).toFixed(1)} ${UNITS[power]}`;
}

function columns(rows: string[][]): string[] {
  const widths = rows[0].map((_, place) => Math.max(...rows.map((row) => row.at(place)?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, place) => cell.padEnd(widths[place]))
      .join('  ')
      .trimEnd(),
  );
}
