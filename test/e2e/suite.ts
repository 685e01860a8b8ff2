import { Cell, Lane } from './cell';
import { Client } from './client';
import { Cluster } from './cluster';
import { Context } from './context';
import { diagnosis } from './diagnosis';
import { Driver } from './driver';
import { unlessInterrupted } from './interruption';
import { Journal } from './journal';
import { Lock } from './lock';
import { inNamespace, startClient } from './namespace';
import { Options } from './options';
import { Check } from './pipeline/check';
import { messageOf } from './poll';
import { Job, parted, pool } from './pool';
import { noting } from './record/made';
import { Row } from './rows/row';
import { System } from './system';
import { Outcome } from './table';

/** For an estimate, where nothing is known. */
const USUAL_SECONDS = 45;

/** How often the cells are to run, and who notes what came of it. */
export interface Scheme {
  /** In a row; 0 for one that is not to run. The same whatever is noted meanwhile. */
  times(cell: Cell): number;
  /** How long it took before. */
  seconds(cell: Cell): number | undefined;
  /** @param made the options with which the driver's sets were made */
  note(cell: Cell, outcome: Outcome, told: string, made: readonly string[]): void;
}

/** One run. */
export interface Result {
  readonly cell: Cell;
  readonly outcome: Outcome;
}

/**
 * All that was selected: engines side by side, each in a namespace of its own, in which its rows run one after the
 * other.
 */
export class Suite {
  /** In the order in which they ended. */
  public readonly results: Result[] = [];
  /** What went wrong beside the cells. */
  public readonly troubles: string[] = [];
  private readonly lock = new Lock();
  private isOver = false;

  constructor(
    private readonly options: Options,
    private readonly scheme: Scheme,
  ) {}

  public async run(lanes: readonly Lane[]): Promise<void> {
    const { parallel } = this.options;
    const due = lanes
      .map((lane) => ({ ...lane, cells: lane.cells.filter((cell) => this.scheme.times(cell) > 0) }))
      .filter(({ cells }) => cells.length > 0);
    const busy = parted<Cell, Lane>(
      due.filter((lane) => !isIdle(lane)),
      parallel,
      (cell) => this.seconds(cell),
    );
    await pool(
      [...busy, ...due.filter(isIdle)].map((lane) => this.jobOf(lane)),
      parallel,
    );
  }

  /** As far as one knows. */
  private seconds(cell: Cell): number {
    return this.scheme.times(cell) * (this.scheme.seconds(cell) ?? USUAL_SECONDS);
  }

  private jobOf(lane: Lane): Job {
    const { name, driver, cells } = lane;
    const journal = new Journal(name);
    return {
      seconds: cells.reduce((sum, cell) => sum + this.seconds(cell), 0),
      idle: isIdle(lane),
      run: async () => {
        await unlessInterrupted(); // what begins now would be left behind
        if (this.isOver) {
          return;
        }
        try {
          await (driver === undefined ? this.checks(cells, journal) : this.rows(name, driver, cells, journal));
        } catch (error) {
          await unlessInterrupted();
          journal.log(messageOf(error));
          this.troubles.push(`${name}: ${messageOf(error)}`);
        }
      },
    };
  }

  /** In one namespace. */
  private async rows(name: string, given: Driver, cells: readonly Cell[], journal: Journal): Promise<void> {
    const { driver, take } = noting(given);
    const {
      lock,
      options: { keep, storageClassName, nodes },
    } = this;
    await inNamespace({ name, keep, log: journal.log, lock }, async (cluster, atEnd) => {
      const client = await lock.beside(() => startClient(cluster, driver, atEnd));
      const context = new Context(
        cluster,
        new System(cluster, driver),
        client,
        driver.open(client),
        storageClassName,
        nodes,
        journal.log,
      );
      const once = ({ what }: Cell): Promise<Outcome> => runRow(what as Row, context, client, journal);
      for (const group of groups(cells, ({ what }) => 'alone' in what && what.alone === true)) {
        if (group.isSo) {
          await lock.alone(() =>
            this.repeat(group.of, journal, take, (cell) => once(cell).finally(() => nodes.bringAllBack())),
          );
        } else {
          await this.repeat(group.of, journal, take, (cell) => lock.beside(() => once(cell)));
        }
      }
    });
  }

  /** Each time in a namespace of its own. */
  private async checks(cells: readonly Cell[], journal: Journal): Promise<void> {
    const { lock, options } = this;
    await this.repeat(
      cells,
      journal,
      () => [],
      ({ what }) => {
        const check = what as Check;
        return inNamespace({ name: check.name, keep: options.keep, log: journal.log, lock }, (cluster, atEnd) => {
          const work = (): Promise<Outcome> =>
            judge(check.title, journal, cluster, () => check.run({ cluster, atEnd, options, log: journal.log, lock }));
          return check.idle === true ? work() : lock.beside(work);
        });
      },
    );
  }

  /** Each so often in a row; until one fails, which ends all where the command line said how often. */
  private async repeat(
    cells: readonly Cell[],
    journal: Journal,
    made: () => readonly string[],
    once: (cell: Cell) => Promise<Outcome>,
  ): Promise<void> {
    for (const cell of cells) {
      const times = this.scheme.times(cell);
      for (let time = 1, fails = false; time <= times && !fails && !this.isOver; time++) {
        journal.begin();
        if (times > 1) {
          journal.log(`${cell.name}: ${time} of ${times}`);
        }
        made(); // of the one before
        const outcome = await once(cell);
        await unlessInterrupted();
        this.results.push({ cell, outcome });
        this.scheme.note(cell, outcome, journal.text, made());
        fails = outcome.outcome === 'FAILED';
        this.isOver ||= fails && this.options.repeat !== undefined;
      }
    }
  }
}

function isIdle({ cells }: Lane): boolean {
  return cells.every(({ what }) => 'idle' in what && what.idle === true);
}

async function runRow(row: Row, context: Context, client: Client, journal: Journal): Promise<Outcome> {
  const title = row.number === undefined ? `row ${row.title}` : `row ${row.number} ${row.title}`;
  const outcome = await judge(title, journal, context.cluster, async () => {
    await client.ensure();
    await context.steady(3, row.storage);
    return row.run(context);
  });
  if (outcome.outcome === 'FAILED') {
    context.discard();
  }
  return outcome;
}

/** @param work gives why it could not be done here, if so */
async function judge(
  title: string,
  journal: Journal,
  cluster: Cluster,
  work: () => Promise<string | undefined>,
): Promise<Outcome> {
  const start = Date.now();
  const end = (outcome: Outcome['outcome'], why?: string): Outcome => {
    const seconds = (Date.now() - start) / 1000;
    journal.log(`${title}: ${outcome}, ${seconds.toFixed(1)} s${why === undefined ? '' : `: ${why}`}`);
    return { outcome, seconds, why };
  };
  await unlessInterrupted();
  journal.log(title);
  try {
    const notRun = await work();
    return notRun === undefined ? end('ok') : end('not run', notRun);
  } catch (error) {
    await unlessInterrupted();
    const failed = end('FAILED', messageOf(error));
    journal.show(await diagnosis(cluster));
    return failed;
  }
}

/** Those that follow one another and are alike in this. */
export function groups<T>(
  all: readonly T[],
  isSo: (one: T) => boolean,
): { readonly isSo: boolean; readonly of: T[] }[] {
  const found: { readonly isSo: boolean; readonly of: T[] }[] = [];
  for (const one of all) {
    const last = found.at(-1);
    if (last?.isSo === isSo(one)) {
      last.of.push(one);
    } else {
      found.push({ isSo: isSo(one), of: [one] });
    }
  }
  return found;
}
