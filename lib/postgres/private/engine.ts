import { Size } from 'cdk8s';
import { join } from 'node:path';
import { EnvValue } from 'cdk8s-plus-28';
import { Engine } from '../../engine';
import { checkPort } from '../../private/checks';
import { databaseEngine, REPLICATION_USER, sizesOf } from '../../private/database-engine';
import { readScripts } from '../../private/scripts';
import { checkIdentifier, checkInitScripts } from '../../private/sql-names';
import { checkFlag, checkTexts } from '../../private/values';
import { PostgresProps } from '../postgres-props';

import { hbaConf } from './hba';
import { checkInitdbArguments } from './initdb';
import { checkParameters, defaultParameters, postgresqlConf } from './parameters';
import { engineSource } from './source';

const SCRIPTS = ['engine.sh', 'engine-sync.sh', 'import.sh', 'roles.sh'];
const SUPERUSER = 'postgres';
const INIT_ROLES = '000-roles.sh';

interface PostgresEngineProps extends PostgresProps {
  readonly database: string;
  readonly user: string;
  readonly namespace: string | undefined;
}

/** PostgreSQL as the core needs to know it. */
export function postgresEngine(props: PostgresEngineProps): Engine {
  const { version, importFrom, database, user, namespace } = props;
  const port = checkPort('port', props.port ?? 5432);
  const scripts = readScripts(join(__dirname, '..', 'scripts'), SCRIPTS);
  const sizes = sizesOf(props);
  const initdbArguments = checkInitdbArguments(props.initdbArguments);
  const initScripts = checkInitScripts(props.initScripts ?? {});
  const parameters = checkParameters(checkTexts('parameters', props.parameters ?? {}), props.replicas);
  return {
    ...databaseEngine(props),
    name: 'postgres',
    port,
    // Inside what the images of 17 and 18 declare as their volume, so that neither puts another one over it.
    volumePath: '/var/lib/postgresql/data',
    scratch: [
      { name: 'socket', path: '/var/run/postgresql' },
      { name: 'tmp', path: '/tmp' },
      // Workers of a parallel query share memory here; the container runtime's own 64 MiB are soon used up.
      { name: 'shm', path: '/dev/shm', inMemory: true, sizeLimit: Size.mebibytes(Math.floor(sizes.memory.toMebibytes() / 4)) },
    ],
    scripts,
    configFiles: {
      'postgresql.conf': postgresqlConf({ ...defaultParameters(sizes, port, props.replicas), ...parameters }),
      'pg_hba.conf': hbaConf(REPLICATION_USER),
    },
    settings: {
      database: checkIdentifier('database', database, ['template0', 'template1']),
      user: checkIdentifier('user', user, [REPLICATION_USER, SUPERUSER, 'public', 'none', 'current_role', 'current_user', 'session_user']),
      replication_user: REPLICATION_USER,
      read_only: checkFlag('readOnly', props.readOnly) ? 'yes' : 'no',
    },
    // What is imported brings what init scripts made.
    initFiles: { [INIT_ROLES]: INIT_ROLES_SCRIPT, ...importFrom === undefined && initScripts },
    source: importFrom && engineSource(importFrom, { major: version.major, database, user, namespace }),
    environment: { POSTGRES_INITDB_ARGS: EnvValue.fromValue(['--data-checksums', ...initdbArguments].join(' ')) },
  };
}

/** First of the init scripts, so that the user's can name the application's role. */
const INIT_ROLES_SCRIPT = '#!/usr/bin/env bash\nexec /opt/stateful/roles.sh\n';
