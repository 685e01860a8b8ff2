import { Construct } from 'constructs';
import { ReplicatedSystemProps } from '../../lib';
import { Driver, SetOptions } from './driver';
import { MariaDbDriver } from './mariadb-driver';
import { MySqlDriver } from './mysql-driver';
import { PostgresDriver } from './postgres-driver';
import { RedisDriver } from './redis-driver';
import { Store } from './store';

/** Who sends the log, and what came of it. */
interface Sender {
  readonly store: Store;
  shipLog(ordinal?: number): Promise<string>;
}

/** How a set is made that has backups. */
export interface Construction {
  /** The set with more props than rows vary otherwise; one that is restored to be looked at is smaller. */
  construct(scope: Construct, options: SetOptions, more: Partial<ReplicatedSystemProps>): void;
  constructSmaller(scope: Construct, options: SetOptions, more: Partial<ReplicatedSystemProps>): void;
  /** Whether the container `ship` takes the first backup, and one after a gap, or a job by hand must. */
  readonly shipsBackups: boolean;
  /** So long it may take. */
  readonly backupSeconds: number;
}

/** What the rows of backups must know of an engine that speaks SQL. */
export interface BackedUpEngine extends Construction {
  /** Makes the table `e2e_ticks`, whose rows are a number `n`, and when they were inserted. */
  readonly makeTicks: string;
  /** Lists them by number: it, and the time as ISO 8601 has it. */
  readonly listTicks: string;
  /** The server's time, likewise. */
  readonly now: string;
  /** Has the server end the part of the log that it writes to. */
  readonly endLog: string;
  /** And what would keep it on the volume otherwise. */
  readonly checkpoint: string;
  /** So many mebibytes of log; the data is as before. */
  readonly makeBulk: string;
  readonly writeBulk: string;
  /** What the log takes on the primary's disk, in mebibytes. */
  readonly logMebibytes: string;
  /**
   * Whether what was not sent when the primary lost its volume can be restored at any time in it, or only as a whole.
   */
  readonly unsentHasTimes: boolean;
  /** A time is exact to so many milliseconds. */
  readonly exactTo: number;
  /** What a proof says when it has replayed log; undefined where it need not. */
  readonly replayed?: RegExp;
  /** How many parts of the log wait for the store, where the server knows. */
  readonly waitingParts?: string;
  /** After a recovery: whether the store has what the lost primary had not sent. */
  hasSentAll(set: Sender): Promise<boolean>;
}

const POSTGRES = {
  makeTicks: 'CREATE TABLE IF NOT EXISTS e2e_ticks (n int PRIMARY KEY, at timestamptz DEFAULT clock_timestamp())',
  listTicks:
    "SELECT n || ' ' || to_char(at AT TIME ZONE 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') FROM e2e_ticks ORDER BY n",
  now: 'SELECT to_char(clock_timestamp() AT TIME ZONE \'utc\', \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')',
  endLog: 'SELECT pg_switch_wal()',
  checkpoint: 'SELECT pg_switch_wal(); CHECKPOINT',
  makeBulk: 'CREATE TABLE e2e_bulk (text text)',
  writeBulk:
    'INSERT INTO e2e_bulk SELECT repeat(md5(random()::text), 32) FROM generate_series(1, 14000); TRUNCATE e2e_bulk',
  logMebibytes: 'SELECT sum(size)::bigint >> 20 FROM pg_ls_waldir()',
  unsentHasTimes: true,
  exactTo: 1,
  waitingParts: "SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'",
  hasSentAll: async (set: Sender) =>
    (await set.store.files()).some((file) => /\/log\/00000002[0-9A-F]{8}\//.test(file)),
};
const MYSQL_FAMILY = {
  makeTicks: 'CREATE TABLE IF NOT EXISTS e2e_ticks (n INT PRIMARY KEY, at TIMESTAMP(6) DEFAULT NOW(6))',
  listTicks: "SELECT CONCAT(n, ' ', DATE_FORMAT(at, '%Y-%m-%dT%H:%i:%s.%fZ')) FROM e2e_ticks ORDER BY n",
  now: "SELECT DATE_FORMAT(NOW(6), '%Y-%m-%dT%H:%i:%s.%fZ')",
  endLog: 'FLUSH BINARY LOGS',
  checkpoint: 'FLUSH BINARY LOGS',
  makeBulk: 'CREATE TABLE e2e_bulk (text MEDIUMTEXT)',
  writeBulk: `${'INSERT INTO e2e_bulk VALUES (REPEAT(SHA2(RAND(), 256), 65536));'.repeat(4)} TRUNCATE e2e_bulk`,
  logMebibytes: 'SHOW BINARY LOGS',
  // The container of a replica sends it.
  hasSentAll: async (set: Sender) =>
    (await Promise.all([1, 2].map((ordinal) => set.shipLog(ordinal)))).some((log) =>
      log.includes('sending it from here'),
    ),
};

/** Undefined for an engine that has no backups, or no SQL. */
export function backedUp(driver: Driver): BackedUpEngine | undefined {
  if (driver instanceof PostgresDriver) return { ...POSTGRES, ...constructionOf(driver) };
  const replayed = /replayed the log: [1-9]\d* transactions/;
  if (driver instanceof MySqlDriver)
    return {
      ...MYSQL_FAMILY,
      ...constructionOf(driver),
      unsentHasTimes: true,
      exactTo: 1,
      replayed,
    };
  if (driver instanceof MariaDbDriver)
    return {
      ...MYSQL_FAMILY,
      ...constructionOf(driver),
      unsentHasTimes: false,
      exactTo: 50,
      replayed,
    };
  return undefined;
}

export function constructionOf(driver: PostgresDriver | MySqlDriver | MariaDbDriver | RedisDriver): Construction {
  const construct = (scope: Construct, options: SetOptions, more: Partial<ReplicatedSystemProps>): void => {
    driver.construct(scope, options, more);
  };
  const common = { construct, shipsBackups: !(driver instanceof MySqlDriver), backupSeconds: 120 };
  if (!(driver instanceof PostgresDriver)) return { ...common, constructSmaller: construct };
  // A copy to look at is smaller than its original.
  const parameters = { max_connections: '30' };
  return {
    ...common,
    constructSmaller: (scope, options, more) => {
      driver.construct(scope, options, { ...more, parameters });
    },
  };
}

/** Of what `logMebibytes` answers: one number, or sizes of files, a line each. */
export function mebibytes(answer: string): number {
  const rows = answer
    .trim()
    .split('\n')
    .map((row) => row.split('\t'));
  if (rows.every((row) => row.length === 1)) return Number(rows[0][0]);
  return rows.reduce((sum, [, size]) => sum + Number(size), 0) / (1 << 20);
}
