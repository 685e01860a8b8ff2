import { Cell } from '../cell';
import { Outcome, Shown } from '../table';
import { Bases, Basis, REPOSITORY } from './basis';
import { Record } from './record';
import { IN_A_ROW, Standing, standing } from './standing';

/** The record, with what each cell rests on today. */
export class Notebook {
  private constructor(
    private readonly record: Record,
    private readonly bases: ReadonlyMap<Cell, Basis>,
  ) {}

  /** @throws if the folder is none for a record, or if it cannot be told what a cell rests on */
  public static async open(folder: string, cells: readonly Cell[], storageClassName: string): Promise<Notebook> {
    const record = new Record(folder, REPOSITORY);
    const bases = await Bases.of(cells, storageClassName);
    const known = new Map<Cell, Basis>();
    for (const cell of cells) {
      known.set(cell, await bases.of(cell));
    }
    return new Notebook(record, known);
  }

  /** How many runs in a row it takes yet. */
  public lacks(cell: Cell): number {
    return this.standing(cell).lacks;
  }

  /** How long it took the last time that it came to its end; undefined if it never did. */
  public seconds(cell: Cell): number | undefined {
    return this.record
      .runs(cell)
      .filter(({ outcome }) => outcome === 'ok')
      .at(-1)?.seconds;
  }

  /** @param made the options with which sets were made meanwhile */
  public note(cell: Cell, outcome: Outcome, told: string, made: readonly string[]): void {
    this.record.add(cell, this.basisOf(cell).of(made), made, outcome, told);
  }

  public forget(): void {
    [...this.bases.keys()].forEach((cell) => this.record.forget(cell));
  }

  /** For the table: green, or what is missing. */
  public show(cell: Cell): Shown {
    return { cell, ...shown(this.standing(cell)) };
  }

  private standing(cell: Cell): Standing {
    const basis = this.basisOf(cell);
    return standing(this.record.runs(cell), (run) => run.basis === basis.of(run.made ?? []));
  }

  private basisOf(cell: Cell): Basis {
    const basis = this.bases.get(cell);
    if (basis === undefined) throw new Error(`${cell.name} of ${cell.engine} was not selected`);
    return basis;
  }
}

function shown({ lacks, inARow, last }: Standing): Omit<Shown, 'cell'> {
  if (last === undefined) {
    return {
      state: 'missing',
      ...(lacks > 1 && { why: `it failed before, and so is green after ${lacks} runs in a row` }),
    };
  }
  const { outcome, seconds, why } = last;
  if (outcome === 'ok' && lacks > 0) {
    return {
      state: 'missing',
      word: `${inARow} of ${IN_A_ROW}`,
      seconds,
      why: `it failed before, and so is green after ${lacks} more runs in a row`,
    };
  }
  return { state: outcome, seconds, why };
}
