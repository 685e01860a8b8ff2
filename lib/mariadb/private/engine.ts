import { join } from 'node:path';
import { Engine } from '../../engine';
import { checkPort } from '../../private/checks';
import { memoryOf } from '../../private/memory';
import { readScripts } from '../../private/scripts';
import { checkIdentifier, checkInitScripts } from '../../private/sql-names';
import { MariaDbProps } from '../mariadb-props';
import { checkParameters, defaultParameters, mariaDbConf } from './parameters';

const SCRIPTS = ['engine.sh', 'engine-sync.sh', 'donate.sh', 'only-init.sh', 'users.sh'];
const REPLICATION_USER = 'replicator';
const COPY_PORT = 4444;
const INIT_USERS = '000-users.sh';

/** First of the init scripts, so that the user's can name the application's user. */
const INIT_USERS_SCRIPT = '#!/usr/bin/env bash\nexec /opt/stateful/users.sh initial\n';

interface MariaDbEngineProps extends MariaDbProps {
  readonly database: string;
  readonly user: string;
}

/** MariaDB as the core needs to know it. */
export function mariaDbEngine(props: MariaDbEngineProps): Engine {
  const { version, credentials } = props;
  const port = checkPort('port', props.port ?? 3306);
  const parameters = checkParameters(props.parameters ?? {});
  const sizes = { memory: memoryOf(props.resources), volume: props.storage.size ?? props.storage.sizeLimit };
  return {
    name: 'mariadb',
    version: version.version,
    image: version.image,
    user: 999,
    port,
    copyPort: COPY_PORT,
    volumePath: '/var/lib/mysql',
    scratch: [
      { name: 'socket', path: '/run/mysqld' },
      { name: 'tmp', path: '/tmp' },
    ],
    scripts: readScripts(join(__dirname, '..', 'scripts'), SCRIPTS),
    configFiles: { 'mariadb.cnf': mariaDbConf({ ...defaultParameters(sizes, port), ...parameters }) },
    settings: {
      copy_port: String(COPY_PORT),
      database: checkIdentifier('database', props.database, ['mysql', 'information_schema', 'performance_schema', 'sys', 'cdk8s_stateful']),
      user: checkIdentifier('user', props.user, [REPLICATION_USER, 'root', 'mysql', 'public', 'healthcheck']),
      replication_user: REPLICATION_USER,
    },
    initFiles: { [INIT_USERS]: INIT_USERS_SCRIPT, ...checkInitScripts(props.initScripts ?? {}) },
    secretKeys: {
      'superuser-password': credentials.superuserPasswordKey,
      'replication-password': credentials.replicationPasswordKey,
      password: credentials.passwordKey,
    },
  };
}
