import { Driver } from './driver';
import { Nodes } from './nodes';
import { PostgresDriver } from './postgres-driver';
import { RedisDriver } from './redis-driver';
import { ROWS } from './rows';
import { Row } from './rows/row';

/** Every engine in every version that the suite knows. */
const DRIVERS: Driver[] = [...PostgresDriver.all, ...RedisDriver.all];

/** What the command line and the environment ask for. */
export interface Options {
  readonly drivers: Driver[];
  readonly rows: Row[];
  readonly storageClassName: string;
  readonly nodes: Nodes | undefined;
  /** Leave the namespace for a person to look at. */
  readonly keep: boolean;
  readonly summaryFile: string | undefined;
}

/**
 * @param args names of engines, `postgres-17`, and numbers of rows; without any, all of them
 * @throws if one of them is neither
 */
export function readOptions(args: string[], environment: NodeJS.ProcessEnv): Options {
  const drivers = DRIVERS.filter((driver) => args.includes(driver.name));
  const rows = ROWS.filter((row) => args.includes(String(row.number)));
  const unknown = args.filter((arg) => ![...drivers.map((driver) => driver.name), ...rows.map((row) => String(row.number))].includes(arg));
  if (unknown.length > 0) {
    throw new Error(`neither an engine (${DRIVERS.map((driver) => driver.name).join(', ')}) nor the number of a row: ${unknown.join(', ')}`);
  }
  const { E2E_STORAGE_CLASS, E2E_NODE_STOP, E2E_NODE_START, E2E_KEEP, E2E_SUMMARY } = environment;
  return {
    drivers: drivers.length > 0 ? drivers : DRIVERS,
    rows: rows.length > 0 ? rows : [...ROWS],
    storageClassName: E2E_STORAGE_CLASS ?? 'remote',
    nodes: E2E_NODE_STOP === undefined || E2E_NODE_START === undefined ? undefined : new Nodes(E2E_NODE_STOP, E2E_NODE_START),
    keep: E2E_KEEP === '1',
    summaryFile: E2E_SUMMARY,
  };
}
