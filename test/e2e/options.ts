import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArguments } from './arguments';
import { isInCi } from './ci';
import { Driver } from './driver';
import { DRIVERS } from './drivers';
import { Nodes } from './nodes';
import { checksFor } from './pipeline';
import { Check } from './pipeline/check';
import { PostgresDriver } from './postgres-driver';
import { ROWS } from './rows';
import { Row } from './rows/row';
import { UPGRADES_IN_FULL } from './upgrade';

/** The word for all, also what takes minutes. */
export const FULL = 'full';
const PIPELINE = 'pipeline';
/** From one version to another: rows of their own, on a set of the older one. */
const UPGRADE = 'upgrade';
const upgrades = (rows: readonly Row[]): Plan => ({
  name: UPGRADE,
  driver: PostgresDriver.V17,
  others: [PostgresDriver.V18],
  rows,
});
const plan = (driver: Driver, rows: readonly Row[]): Plan => ({ name: driver.name, driver, rows });

/** An engine, and the rows to run on it. */
export interface Plan {
  /** In the log, and part of the namespace's. */
  readonly name: string;
  readonly driver: Driver;
  /** Whose images run as well. */
  readonly others?: readonly Driver[];
  readonly rows: readonly Row[];
}

/** What is to be tested. */
export interface Selection {
  readonly plans: readonly Plan[];
  /** What pipelines do with the YAML. */
  readonly checks: readonly Check[];
  /** Also what takes minutes; and nothing that is green by the record. */
  readonly full: boolean;
}

/** What the command line and the environment ask for. */
export interface Options extends Selection {
  /** How many engines at a time; one alone is parted into as many. */
  readonly parallel: number;
  /** Each of what is selected so many times in a row, until one fails. */
  readonly repeat: number | undefined;
  /** The folder of the record. */
  readonly record: string | undefined;
  /** Forget first what the record has of the selection. */
  readonly fresh: boolean;
  readonly storageClassName: string;
  readonly nodes: Nodes;
  /** Leave the namespace for a person to look at. */
  readonly keep: boolean;
  readonly summaryFile: string | undefined;
}

/**
 * @param args names of engines (`postgres`, `postgres-17`), numbers and names of rows; `upgrade`, or names of its rows;
 * `pipeline`, or names of its checks; without any, what runs for each change; `full` for all, or for what the record
 * lacks of the others; and flags
 * @throws if one of them is none of these
 */
export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options {
  const { E2E_STORAGE_CLASS, E2E_KEEP, E2E_SUMMARY, E2E_RECORD } = environment;
  const { words, parallel, repeat, fresh } = parseArguments(args);
  const selection = select(words);
  return {
    ...selection,
    parallel: parallel ?? (words.length === 0 || selection.full ? 2 : 1),
    repeat,
    record:
      E2E_RECORD === undefined && selection.full
        ? join(homedir(), '.cache', 'cdk8s-stateful', 'e2e')
        : E2E_RECORD || undefined,
    fresh,
    storageClassName: E2E_STORAGE_CLASS ?? 'remote',
    nodes: new Nodes(environment),
    keep: E2E_KEEP === '1',
    summaryFile: E2E_SUMMARY,
  };
}

/** Whether this word of the command line means the row. */
function isRow({ number, name, title }: Row, word: string): boolean {
  return word === name || word === String(number) || word === title;
}

function isDriver({ name }: Driver, word: string): boolean {
  return word === name || word === name.replace(/-[^-]*$/, '');
}

function select(words: readonly string[]): Selection {
  const full = words.includes(FULL);
  const wanted = words.filter((word) => word !== FULL);
  if (wanted.length === 0) {
    const ofEach = DRIVERS.map((driver) =>
      plan(
        driver,
        ROWS.filter((row) => full || isInCi(driver, row)),
      ),
    );
    return { plans: [...ofEach, ...(full ? [upgrades(UPGRADES_IN_FULL)] : [])], checks: checksFor(full), full };
  }
  const named = <T>(candidates: readonly T[], is: (candidate: T, word: string) => boolean): T[] =>
    candidates.filter((candidate) => wanted.some((word) => is(candidate, word)));
  const drivers = named(DRIVERS, isDriver);
  const rows = named(ROWS, isRow);
  const upgradeRows = named(UPGRADES_IN_FULL, (row, word) => isRow(row, word));
  const checks = named(checksFor(true), ({ name }, word) => word === name);
  const isKnown = (word: string): boolean =>
    [UPGRADE, PIPELINE].includes(word) ||
    DRIVERS.some((driver) => isDriver(driver, word)) ||
    [...ROWS, ...UPGRADES_IN_FULL].some((row) => isRow(row, word)) ||
    checks.some(({ name }) => name === word);
  const unknown = wanted.filter((word) => !isKnown(word));
  if (unknown.length > 0) {
    throw new Error(
      `neither an engine (${names(DRIVERS)}), nor the number or name of a row (${names(ROWS)}), nor ${UPGRADE} (${names(UPGRADES_IN_FULL)}) ` +
        `or ${PIPELINE} (${names(checksFor(true))}): ${unknown.join(', ')}`,
    );
  }
  const ofEngines =
    drivers.length + rows.length > 0
      ? (drivers.length > 0 ? drivers : DRIVERS).map((driver) => plan(driver, rows.length > 0 ? rows : ROWS))
      : [];
  const ofUpgrades =
    upgradeRows.length > 0 ? [upgrades(upgradeRows)] : wanted.includes(UPGRADE) ? [upgrades(UPGRADES_IN_FULL)] : [];
  return { plans: [...ofEngines, ...ofUpgrades], checks: wanted.includes(PIPELINE) ? checksFor(full) : checks, full };
}

function names(all: readonly { readonly name: string }[]): string {
  return all.map(({ name }) => name).join(', ');
}
