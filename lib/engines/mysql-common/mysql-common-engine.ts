import { join } from 'node:path';
import { Size } from 'cdk8s';
import { EngineConfig } from '../../core/engine';
import { ReplicatedSystem } from '../../core/replicated-system';
import { databaseEngine, REPLICATION_USER, Version } from '../shared/database-engine';
import { readScripts } from '../../core/script-files';
import { checkIdentifier, checkInitScripts } from '../shared/identifiers';

// What the engines of MySQL and MariaDB have in common.

const VOLUME_PATH = '/var/lib/mysql';

/**
 * Where the servers write large temporary files, as of an `ALTER TABLE`: on the volume, whose size is known, and never
 * on the node's disk.
 */
export const TEMPORARY_PATH = `${VOLUME_PATH}/temporary`;

const SCRIPTS = ['mysql-common.sh', 'mysql-common-sync.sh', 'only-init.sh', 'password-keys.sh', 'sql.sh', 'users.sh'];
const BACKUP_SCRIPTS = [
  'backup-log.sh',
  'log-parts.sh',
  'read-log.awk',
  'restore-log.sh',
  'wanted-point.sh',
  'ship-log.sh',
  'ship-replica.sh',
];
const DATABASES = ['mysql', 'information_schema', 'performance_schema', 'sys', 'cdk8s_stateful'];
const USERS = [REPLICATION_USER, 'root', 'mysql'];

/** First of the init scripts, so that the user's can name the application's user. */
const INIT_USERS = { '000-users.sh': '#!/usr/bin/env bash\nexec /opt/stateful/users.sh initial\n' };

/** What both take from their options. */
export interface CommonOptions {
  readonly version: Version;
  readonly database: string;
  readonly user: string;
  readonly initScripts?: { [fileName: string]: string };
}

/** What an engine adds to what both have. */
export interface OwnParts {
  /** Its folder; and of its scripts, by their folders in there, the names. */
  readonly folder: string;
  readonly scripts: string[];
  readonly backupScripts: string[];
  readonly settings: { [name: string]: string };
}

/** What the core needs to know of both; each adds its name, port and configuration. */
export function commonEngine(
  options: CommonOptions,
  system: ReplicatedSystem,
  { folder, scripts, backupScripts, settings }: OwnParts,
): Omit<EngineConfig, 'name' | 'port' | 'configFiles'> {
  return {
    ...databaseEngine(options.version, system),
    volumePath: VOLUME_PATH,
    recoversBeforeListening: true,
    scratch: [
      { name: 'socket', path: '/run/mysqld', sizeLimit: Size.mebibytes(16) },
      { name: 'tmp', path: '/tmp', sizeLimit: Size.gibibytes(1) },
    ],
    scripts: { ...readScripts(join(__dirname, 'scripts'), SCRIPTS), ...readScripts(join(folder, 'scripts'), scripts) },
    backupScripts: {
      ...readScripts(join(__dirname, 'backup-scripts'), BACKUP_SCRIPTS),
      ...readScripts(join(folder, 'backup-scripts'), backupScripts),
    },
    settings: {
      database: options.database,
      user: options.user,
      replication_user: REPLICATION_USER,
      ...settings,
    },
    initFiles: { ...INIT_USERS, ...checkInitScripts(options.initScripts ?? {}) },
  };
}

/** A database's name that neither server uses itself. */
export function checkDatabase(name: string): string {
  return checkIdentifier('database', name, DATABASES);
}

/** A user's, with those that only one of the two has. */
export function checkUser(name: string, reserved: string[] = []): string {
  return checkIdentifier('user', name, [...USERS, ...reserved]);
}
