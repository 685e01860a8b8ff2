import { Driver } from './driver';
import { Row } from './rows/row';

/** What every engine runs for each change. */
const OF_ALL = ['identity', 'one-writer', 'sync', 'scale-up'];

/** And, beside PostgreSQL 18, which runs all, the rows that found most for it. What is Kubernetes' part and the core's is PostgreSQL's to run. */
const BESIDE: { readonly [engine: string]: readonly string[] } = {
  'postgres-17': ['own-address'],
  'mariadb-11': ['primary-dies', 'blank-primary', 'log-gap'],
  'mysql-9': ['ordered-stop', 'log-gap'],
  'redis-8': ['primary-dies', 'ordered-stop', 'blank-primary', 'log-gap'],
  'valkey-9': ['own-address'],
  'files-1': ['ordered-stop', 'log-gap'],
  ledger: ['own-address'],
};

/** Whether the row runs for each change, and not in full only: of the rows beside the promises, which take minutes each, none. */
export function isInCi(driver: Driver, row: Row): boolean {
  return driver.name === 'postgres-18' && row.number !== undefined || OF_ALL.includes(row.name) || BESIDE[driver.name]?.includes(row.name) === true;
}
