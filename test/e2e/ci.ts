import { Driver } from './driver';
import { Row } from './rows/row';

/** What every engine runs for each change. */
export const OF_ALL = ['identity', 'one-writer', 'sync', 'scale-up'];

/**
 * And the rows that found most. PostgreSQL 18 runs all promises: what is Kubernetes' part and the core's is
 * PostgreSQL's to run. Which cells belong here is decided by the record of the full run: those of a row that has not
 * been green there yet are added when they are.
 */
export const BESIDE: { readonly [engine: string]: readonly string[] } = {
  'postgres-18': ['former', 'backup'],
  'postgres-17': ['own-address'],
  'mariadb-11': ['ordered-stop', 'primary-dies', 'log-gap', 'backup'],
  'redis-8': ['primary-dies', 'log-gap', 'backup'],
  'valkey-9': ['own-address', 'backup'],
};

/** Not yet seen green since scripts and writers changed: to be looked at first, by the full run. */
export const NOT_YET: { readonly [engine: string]: readonly string[] } = {
  'postgres-18': ['no-volume'],
};

/** Whether the row runs for each change, and not in full only. */
export function isInCi(driver: Driver, row: Row): boolean {
  if (NOT_YET[driver.name]?.includes(row.name) === true) return false;
  const isPromise = row.number !== undefined;
  return (
    (driver.name === 'postgres-18' && isPromise) ||
    OF_ALL.includes(row.name) ||
    BESIDE[driver.name]?.includes(row.name) === true
  );
}
