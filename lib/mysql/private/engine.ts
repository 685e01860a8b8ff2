import { join } from 'node:path';
import { Engine } from '../../engine';
import { checkPort } from '../../private/checks';
import { memoryOf } from '../../private/memory';
import { readScripts } from '../../private/scripts';
import { checkIdentifier, checkInitScripts } from '../../private/sql-names';
import { MySqlProps } from '../mysql-props';
import { checkParameters, defaultParameters, logMebibytes, mySqlConf } from './parameters';

const SCRIPTS = ['engine.sh', 'engine-sync.sh', 'only-init.sh', 'own-tools.sh', 'answer.awk', 'sql.sh', 'users.sh'];
const REPLICATION_USER = 'replicator';
const INIT_USERS = '000-users.sh';

/** First of the init scripts, so that the user's can name the application's user. */
const INIT_USERS_SCRIPT = '#!/usr/bin/env bash\nexec /opt/stateful/users.sh initial\n';

interface MySqlEngineProps extends MySqlProps {
  readonly database: string;
  readonly user: string;
}

/** MySQL as the core needs to know it. */
export function mySqlEngine(props: MySqlEngineProps): Engine {
  const { version, credentials } = props;
  const port = checkPort('port', props.port ?? 3306);
  const parameters = checkParameters(props.parameters ?? {});
  const volume = props.storage.size ?? props.storage.sizeLimit;
  const logMiB = logMebibytes(props.maxLogSize, volume);
  return {
    name: 'mysql',
    version: version.version,
    image: version.image,
    user: 999,
    port,
    volumePath: '/var/lib/mysql',
    scratch: [
      { name: 'socket', path: '/run/mysqld' },
      { name: 'tmp', path: '/tmp' },
    ],
    scripts: readScripts(join(__dirname, '..', 'scripts'), SCRIPTS),
    configFiles: { 'mysql.cnf': mySqlConf({ ...defaultParameters({ memory: memoryOf(props.resources), volume, logMiB }, port), ...parameters }) },
    settings: {
      database: checkIdentifier('database', props.database, ['mysql', 'information_schema', 'performance_schema', 'sys', 'cdk8s_stateful']),
      user: checkIdentifier('user', checkLength(props.user), [REPLICATION_USER, 'root', 'mysql']),
      replication_user: REPLICATION_USER,
      log_size: String(logMiB * 1024 * 1024),
    },
    initFiles: { [INIT_USERS]: INIT_USERS_SCRIPT, ...checkInitScripts(props.initScripts ?? {}) },
    secretKeys: {
      'superuser-password': credentials.superuserPasswordKey,
      'replication-password': credentials.replicationPasswordKey,
      password: credentials.passwordKey,
    },
  };
}

function checkLength(user: string): string {
  if (user.length > 32) {
    throw new Error(`user must have at most 32 characters, as MySQL's users do, got ${user.length}: '${user}'`);
  }
  return user;
}
