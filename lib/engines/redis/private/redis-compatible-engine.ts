import { join } from 'node:path';
import { EngineConfig } from '../../../core/engine';
import { ReplicatedSystem } from '../../../core/replicated-system';
import { readScripts } from '../../../core/script-files';
import { checkFlag, checkPort, checkTexts, shown } from '../../../values/checks';
import { databaseEngine, REPLICATION_USER, sizesOf, Version } from '../../shared/database-engine';
import { RedisCompatibleOptions } from '../redis-compatible-options';
import { checkParameters, checkVolume, defaultParameters, serverConf } from './redis-parameters';

const SCRIPTS = [
  'engine.sh',
  'engine-sync.sh',
  'fetch-snapshot.pl',
  'guard.sh',
  'mark-position.sh',
  'passwords.sh',
  'position.sh',
  'primary.sh',
  'rdb-head.pl',
  'signs.sh',
];
const BACKUP_SCRIPTS = [
  'engine-backup.sh',
  'engine-restore.sh',
  'engine_reconcile.sh',
  'engine_run.sh',
  'log-branch.sh',
  'log-fetch.sh',
  'log-parts.sh',
  'log-scan.pl',
  'log-ship.sh',
  'offline-server.sh',
  'server_conf.sh',
];
/** Users of the library's own; those that replicas connect as begin with the last. */
const RESERVED = /^(superuser|stateful|replicator|follower-.*)$/;

/**
 * A primary whose node died may have lost what it had not flushed: a second of writes, and of marks. More is another
 * history.
 */
const UNFLUSHED = '5';

interface Options extends RedisCompatibleOptions {
  readonly version: Version;
  readonly user: string;
}

/**
 * Redis or Valkey as the core needs to know it. Valkey is what Redis was: the two differ in the names of their
 * programs.
 *
 * @param program what the names of its programs begin with
 */
export function redisCompatibleEngine(
  program: 'redis' | 'valkey',
  options: Options,
  system: ReplicatedSystem,
): EngineConfig {
  const port = checkPort('port', options.port ?? 6379);
  const sizes = sizesOf(system);
  checkVolume(sizes);
  const mayLoseLastSecond = checkFlag('mayLoseLastSecond', options.mayLoseLastSecond);
  const given = checkParameters(checkTexts('parameters', options.parameters ?? {}), sizes, mayLoseLastSecond);
  const parameters = { ...defaultParameters(sizes, port, mayLoseLastSecond), ...given };
  return {
    ...databaseEngine(options.version, system),
    name: program,
    port,
    volumePath: '/data',
    scratch: [],
    scripts: readScripts(join(__dirname, '..', 'scripts'), SCRIPTS),
    backupScripts: readScripts(join(__dirname, '..', 'backup-scripts'), BACKUP_SCRIPTS),
    configFiles: { [`${program}.conf`]: serverConf(parameters) },
    settings: {
      program,
      user: options.user,
      replication_user: REPLICATION_USER,
      append_fsync: parameters.appendfsync,
      unflushed: mayLoseLastSecond ? UNFLUSHED : '0',
      max_memory: parameters.maxmemory,
    },
  };
}

/** A user's name that the library does not use itself. */
export function checkUser(user: string): string {
  if ((typeof user as unknown) !== 'string' || !/^[A-Za-z0-9_][-\w.]{0,62}$/.test(user)) {
    throw new Error(
      `user must be a plain name (letters, digits, '_', '-' and '.', at most 63 characters), got ${shown(user)}`,
    );
  }
  if (RESERVED.test(user)) {
    throw new Error(`user must not be '${user}': the library uses that name itself`);
  }
  return user;
}
