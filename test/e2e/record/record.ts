import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { Outcome } from '../table';
import { Run } from './standing';

/** A cell's name in the record: an engine, or `pipeline`, and what is tested. */
export interface CellName {
  readonly engine: string;
  readonly name: string;
}

/** What is remembered of the cells from run to run: a file each, of one line a run, and a log a run. */
export class Record {
  private readonly folder: string;

  /** @throws for a folder in the repository, where git would see it */
  constructor(folder: string, repository: string) {
    this.folder = resolve(folder);
    const inside = relative(repository, this.folder);
    if (inside === '' || (inside.split(sep)[0] !== '..' && !isAbsolute(inside))) {
      throw new Error(`E2E_RECORD must be a folder outside the repository, got '${folder}'`);
    }
  }

  /** In the order of time. */
  public runs(cell: CellName): Run[] {
    const file = this.file(cell);
    return existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
          .map((line, index) => parsed(line, `${file}, line ${index + 1}`))
      : [];
  }

  /**
   * @param made the options with which sets were made
   * @param told all that was told of it
   */
  public add(cell: CellName, basis: string, made: readonly string[], outcome: Outcome, told: string): void {
    const at = new Date().toISOString();
    const log = join('logs', cell.engine, `${cell.name}.${at.replaceAll(':', '')}-${this.runs(cell).length + 1}.log`);
    mkdirSync(join(this.folder, 'logs', cell.engine), { recursive: true });
    writeFileSync(join(this.folder, log), told);
    mkdirSync(join(this.folder, cell.engine), { recursive: true });
    const run: Run = { at, basis, ...(made.length > 0 && { made }), ...outcome, log };
    appendFileSync(this.file(cell), `${JSON.stringify(run)}\n`);
  }

  /** As if it had never run; the logs stay. */
  public forget(cell: CellName): void {
    rmSync(this.file(cell), { force: true });
  }

  private file({ engine, name }: CellName): string {
    return join(this.folder, engine, `${name}.jsonl`);
  }
}

function parsed(line: string, where: string): Run {
  try {
    return JSON.parse(line) as Run;
  } catch {
    throw new Error(`${where}: not a line of the record; remove it, or forget all with --fresh`);
  }
}
