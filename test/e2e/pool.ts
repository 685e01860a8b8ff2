/** Something to do, one after the other of its kind. */
export interface Job {
  /** How long it takes, as far as one knows. */
  readonly seconds: number;
  /** It waits more than it does, and so takes no place from others. */
  readonly idle?: boolean;
  run(): Promise<void>;
}

/**
 * Where there are fewer lanes than places, the longest is parted in two, until there are enough: one engine alone is
 * tested by two sets of it, side by side. What stays together keeps its order.
 */
export function parted<C, L extends { readonly name: string; readonly cells: readonly C[] }>(
  lanes: readonly L[],
  places: number,
  secondsOf: (cell: C) => number,
): L[] {
  const sum = (cells: readonly C[]): number => cells.reduce((seconds, cell) => seconds + secondsOf(cell), 0);
  const found = [...lanes];
  while (found.length < places) {
    const longest = found
      .filter(({ cells }) => cells.length > 1)
      .sort((one, other) => sum(other.cells) - sum(one.cells))
      .at(0);
    if (longest === undefined) {
      break;
    }
    const halves: [C[], C[]] = [[], []];
    for (const cell of [...longest.cells].sort((one, other) => secondsOf(other) - secondsOf(one))) {
      halves[sum(halves[0]) <= sum(halves[1]) ? 0 : 1].push(cell);
    }
    found.splice(
      found.indexOf(longest),
      1,
      ...halves.map((half) => ({ ...longest, cells: longest.cells.filter((cell) => half.includes(cell)) })),
    );
  }
  return found.map((lane, index) => {
    const before = found.slice(0, index).filter(({ name }) => name === lane.name).length;
    return before === 0 ? lane : { ...lane, name: `${lane.name}-part-${before + 1}` };
  });
}

/**
 * Does the jobs, so many at a time: the longest first, so that none is left over at the end; beside them those that are
 * idle.
 */
export async function pool(jobs: readonly Job[], places: number): Promise<void> {
  const queue = jobs.filter(({ idle }) => idle !== true).sort((one, other) => other.seconds - one.seconds);
  const place = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      await job.run();
    }
  };
  const idle = jobs.filter((job) => job.idle === true).map((job) => job.run());
  await Promise.all([...idle, ...Array.from({ length: places }, place)]);
}
