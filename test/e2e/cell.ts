import { Driver } from './driver';
import { FULL, Selection } from './options';
import { Check } from './pipeline/check';
import { Row } from './rows/row';

/** The engine's name of what is of none. */
export const PIPELINE = 'pipeline';

/** One thing that is tested: a row of an engine, or what a pipeline does. */
export interface Cell {
  /** The driver's name, or `pipeline`. */
  readonly engine: string;
  readonly name: string;
  readonly what: Row | Check;
  /** Whose modules and images it rests on. */
  readonly drivers: readonly Driver[];
  /** What else makes it another test. */
  readonly more: string;
  /** Whether all that it has of the library is the manifests that the driver makes. */
  readonly restsOnManifests: boolean;
}

/** What runs one after the other: the rows of an engine, in one namespace, or what a pipeline does. */
export interface Lane {
  /** In the log, and part of the namespace's. */
  readonly name: string;
  /** Absent for what is of no engine. */
  readonly driver?: Driver;
  readonly cells: readonly Cell[];
}

export function lanesOf({ plans, checks, full }: Selection): Lane[] {
  const ofPlans = plans.map(({ name, driver, others = [], rows }) => ({
    name,
    driver,
    cells: rows.map((row) => ({
      engine: driver.name,
      name: row.name,
      what: row,
      drivers: [driver, ...others],
      more: '',
      restsOnManifests: others.length === 0,
    })),
  }));
  const ofChecks = checks.map((check) => ({
    name: check.name,
    cells: [
      {
        engine: PIPELINE,
        name: check.name,
        what: check,
        drivers: check.driver === undefined ? [] : [check.driver],
        more: full ? FULL : '',
        restsOnManifests: false,
      },
    ],
  }));
  return [...ofPlans, ...ofChecks];
}
