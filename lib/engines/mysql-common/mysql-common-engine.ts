import { join } from 'node:path';
import { Size } from 'cdk8s';
import { Engine } from '../../core/engine';
import { DatabaseProps, databaseEngine, REPLICATION_USER } from '../shared/database-engine';
import { readScripts } from '../../core/script-files';
import { checkIdentifier, checkInitScripts } from '../shared/identifiers';

// What the engines of MySQL and MariaDB have in common.

const VOLUME_PATH = '/var/lib/mysql';

/** Where the servers write large temporary files, as of an `ALTER TABLE`: on the volume, whose size is known, and never on the node's disk. */
export const TEMPORARY_PATH = `${VOLUME_PATH}/temporary`;

const SCRIPTS = ['family.sh', 'family-sync.sh', 'only-init.sh', 'sql.sh', 'users.sh'];
const DATABASES = ['mysql', 'information_schema', 'performance_schema', 'sys', 'cdk8s_stateful'];
const USERS = [REPLICATION_USER, 'root', 'mysql'];

/** First of the init scripts, so that the user's can name the application's user. */
const INIT_USERS = { '000-users.sh': '#!/usr/bin/env bash\nexec /opt/stateful/users.sh initial\n' };

/** Props of both, with their defaults filled in. */
export interface FamilyProps extends DatabaseProps {
  readonly database: string;
  readonly user: string;
  readonly initScripts?: { [fileName: string]: string };
}

/** What an engine adds to what both have. */
export interface FamilyEngine {
  /** The folder of its scripts, and their names. */
  readonly folder: string;
  readonly scripts: string[];
  /** Users of its own, beside those of both. */
  readonly reservedUsers: string[];
  readonly settings: { [name: string]: string };
}

/** What the core needs to know of both; each adds its name, port and configuration. */
export function familyEngine(props: FamilyProps, { folder, scripts, reservedUsers, settings }: FamilyEngine): Omit<Engine, 'name' | 'port' | 'configFiles'> {
  return {
    ...databaseEngine(props),
    volumePath: VOLUME_PATH,
    recoversBeforeListening: true,
    scratch: [
      { name: 'socket', path: '/run/mysqld', sizeLimit: Size.mebibytes(16) },
      { name: 'tmp', path: '/tmp', sizeLimit: Size.gibibytes(1) },
    ],
    scripts: { ...readScripts(join(__dirname, 'scripts'), SCRIPTS), ...readScripts(folder, scripts) },
    settings: {
      database: checkIdentifier('database', props.database, DATABASES),
      user: checkIdentifier('user', props.user, [...USERS, ...reservedUsers]),
      replication_user: REPLICATION_USER,
      ...settings,
    },
    initFiles: { ...INIT_USERS, ...checkInitScripts(props.initScripts ?? {}) },
  };
}
