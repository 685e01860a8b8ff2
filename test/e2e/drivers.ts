import { Driver } from './driver';
import { FilesDriver } from './files-driver';
import { LedgerDriver } from './ledger-driver';
import { MariaDbDriver } from './mariadb-driver';
import { MySqlDriver } from './mysql-driver';
import { PostgresDriver } from './postgres-driver';
import { RedisDriver } from './redis-driver';

/** Every engine in every version that the suite knows, and the example of an engine of one's own. */
export const DRIVERS: readonly Driver[] = [
  ...PostgresDriver.all,
  ...MariaDbDriver.all,
  ...MySqlDriver.all,
  ...RedisDriver.all,
  ...FilesDriver.all,
  ...LedgerDriver.all,
];
