import { Size } from 'cdk8s';
import { join } from 'node:path';
import { EnvValue } from 'cdk8s-plus-28';
import { Engine } from '../../../core/engine';
import { checkPort } from '../../../core/private/pod-checks';
import { databaseEngine, REPLICATION_USER, sizesOf } from '../../shared/database-engine';
import { readScripts } from '../../../core/script-files';
import { checkIdentifier, checkInitScripts } from '../../shared/identifiers';
import { checkFlag, checkTexts, shown } from '../../../values/checks';
import { PostgresProps } from '../postgres-props';

import { hbaConf } from './hba';
import { checkInitdbArguments } from './initdb';
import { checkParameters, defaultParameters, postgresqlConf, RESERVED } from './postgres-parameters';
import { engineSource } from './import-source';

const SCRIPTS = ['engine.sh', 'engine-sync.sh', 'follow.sh', 'import.sh', 'questions.sh', 'roles.sh'];
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
  const synchronousReplicas = checkSynchronousReplicas(props.synchronousReplicas ?? 0, props.replicas);
  const parameters = checkParameters(checkTexts('parameters', props.parameters ?? {}), props.replicas, synchronousReplicas);
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
      'pg_hba.conf': hbaConf(REPLICATION_USER, checkFlag('superuserFromNetwork', props.superuserFromNetwork)),
    },
    settings: {
      database: checkIdentifier('database', database, ['template0', 'template1']),
      user: checkIdentifier('user', user, [REPLICATION_USER, SUPERUSER, 'public', 'none', 'current_role', 'current_user', 'session_user']),
      replication_user: REPLICATION_USER,
      read_only: checkFlag('readOnly', props.readOnly) ? 'yes' : 'no',
      synchronous_replicas: String(synchronousReplicas),
      alter_system: allows(parameters.allow_alter_system) ? 'yes' : 'no',
      reserved_settings: RESERVED.join('|'),
    },
    // What is imported brings what init scripts made.
    initFiles: { [INIT_ROLES]: INIT_ROLES_SCRIPT, ...importFrom === undefined && initScripts },
    source: importFrom && engineSource(importFrom, { major: version.major, database, user, namespace }),
    environment: { POSTGRES_INITDB_ARGS: EnvValue.fromValue(['--data-checksums', ...initdbArguments].join(' ')) },
  };
}

/** So many pods must be there beside the primary, or no commit would ever end. */
function checkSynchronousReplicas(synchronousReplicas: number, replicas: number): number {
  if (!Number.isInteger(synchronousReplicas) || synchronousReplicas < 0 || synchronousReplicas > replicas - 1) {
    throw new Error(`synchronousReplicas must be a whole number from 0 to ${replicas - 1}, as there are ${replicas - 1} replicas beside the primary with 'replicas: ${replicas}', `
      + `got ${shown(synchronousReplicas)}: commits would wait for ever. Raise 'replicas', or lower it`);
  }
  return synchronousReplicas;
}

/** As PostgreSQL reads a switch; it is off where nothing is said. */
function allows(value = 'off'): boolean {
  return /^(on|t|tr|tru|true|y|ye|yes|1)$/i.test(value.trim());
}

/** First of the init scripts, so that the user's can name the application's role. */
const INIT_ROLES_SCRIPT = '#!/usr/bin/env bash\nexec /opt/stateful/roles.sh\n';
