import { Driver } from './driver';
import { FilesDriver } from './files-driver';
import { LedgerDriver } from './ledger-driver';
import { MariaDbDriver } from './mariadb-driver';
import { MySqlDriver } from './mysql-driver';
import { Nodes } from './nodes';
import { PostgresDriver } from './postgres-driver';
import { RedisDriver } from './redis-driver';
import { ROWS } from './rows';
import { Row } from './rows/row';
import { UPGRADES, UPGRADES_IN_FULL } from './upgrade';

/** Every engine in every version that the suite knows, and the example of an engine of one's own. */
export const DRIVERS: readonly Driver[] = [...PostgresDriver.all, ...MariaDbDriver.all, ...MySqlDriver.all, ...RedisDriver.all, ...FilesDriver.all, ...LedgerDriver.all];

const FULL = 'full';
const PIPELINE = 'pipeline';
/** From one version to another: rows of their own, on a set of the older one. */
const UPGRADE = 'upgrade';
const upgrades = (rows: readonly Row[]): Plan => ({ driver: PostgresDriver.V17, rows: [...rows] });

/** An engine, and the rows to run on it. */
export interface Plan {
  readonly driver: Driver;
  readonly rows: Row[];
}

/** What the command line and the environment ask for. */
export interface Options {
  readonly plans: Plan[];
  /** Whether to look at what pipelines do with the YAML as well. */
  readonly pipeline: boolean;
  /** Also what takes minutes. */
  readonly full: boolean;
  readonly storageClassName: string;
  readonly nodes: Nodes;
  /** Leave the namespace for a person to look at. */
  readonly keep: boolean;
  readonly summaryFile: string | undefined;
}

/**
 * @param args names of engines (`postgres`, `postgres-17`) and numbers or names of rows; or `upgrade`, and names of its rows; or `pipeline`; without
 * any, what runs for each change; `full` for all
 * @throws if one of them is none of these
 */
export function readOptions(args: string[], environment: NodeJS.ProcessEnv): Options {
  const { E2E_STORAGE_CLASS, E2E_KEEP, E2E_SUMMARY } = environment;
  return {
    plans: plansFor(args),
    pipeline: args.every((arg) => arg === FULL) || args.includes(PIPELINE),
    full: args.includes(FULL),
    storageClassName: E2E_STORAGE_CLASS ?? 'remote',
    nodes: new Nodes(environment),
    keep: E2E_KEEP === '1',
    summaryFile: E2E_SUMMARY,
  };
}

/** Whether this word of the command line means the row. */
const isRow = ({ number, name }: Row, word: string): boolean => word === name || word === String(number);

function upgradeOf(name: string): Row {
  const row = UPGRADES_IN_FULL.find((candidate) => isRow(candidate, name) || candidate.title === name);
  if (row === undefined) {
    throw new Error(`not the name of an upgrade (${UPGRADES_IN_FULL.map((candidate) => candidate.name).join(', ')}): ${name}`);
  }
  return row;
}

function plansFor(args: string[]): Plan[] {
  if (args.length === 0) {
    const isForEach = (driver: Driver, { number }: Row): boolean => number !== undefined && !driver.onlyInFull.includes(number);
    return [...DRIVERS.map((driver) => ({ driver, rows: ROWS.filter((row) => isForEach(driver, row)) })), upgrades(UPGRADES)];
  }
  if (args[0] === UPGRADE) {
    return [upgrades(args.length === 1 ? UPGRADES_IN_FULL : args.slice(1).map(upgradeOf))];
  }
  const isNamed = (driver: Driver, arg: string): boolean => arg === driver.name || arg === driver.name.replace(/-[^-]*$/, '');
  const isKnown = (arg: string): boolean => [FULL, PIPELINE].includes(arg) || ROWS.some((row) => isRow(row, arg)) || DRIVERS.some((driver) => isNamed(driver, arg));
  const unknown = args.filter((arg) => !isKnown(arg));
  if (unknown.length > 0) {
    throw new Error(`neither an engine (${DRIVERS.map((driver) => driver.name).join(', ')}), nor the number or name of a row (${ROWS.map((row) => row.name).join(', ')}), nor ${UPGRADE} or ${PIPELINE}: ${unknown.join(', ')}`);
  }
  const drivers = DRIVERS.filter((driver) => args.some((arg) => isNamed(driver, arg)));
  const rows = ROWS.filter((row) => args.some((arg) => isRow(row, arg)));
  const isAll = drivers.length + rows.length === 0;
  if (args.includes(PIPELINE) && isAll) {
    return [];
  }
  const plans = (drivers.length > 0 ? drivers : DRIVERS).map((driver) => ({ driver, rows: rows.length > 0 ? rows : [...ROWS] }));
  return isAll ? [...plans, upgrades(UPGRADES_IN_FULL)] : plans;
}
