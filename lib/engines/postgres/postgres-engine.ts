import { Size } from 'cdk8s';
import { EnvValue } from 'cdk8s-plus-28';
import { join } from 'node:path';
import { EngineConfig, IEngine } from '../../core/engine';
import { ReplicatedSystem } from '../../core/replicated-system';
import { readScripts } from '../../core/script-files';
import { checkFlag, checkInstance, checkObject, checkPort, checkTexts, shown } from '../../values/checks';
import { databaseEngine, REPLICATION_USER, sizesOf } from '../shared/database-engine';
import { checkIdentifier, checkInitScripts } from '../shared/identifiers';
import { PostgresOptions } from './postgres-props';
import { PostgresVersion } from './postgres-version';
import { hbaConf } from './private/hba';
import { engineSource } from './private/import-source';
import { checkInitdbArguments } from './private/initdb';
import { checkParameters, defaultParameters, postgresqlConf, RESERVED } from './private/postgres-parameters';

const SCRIPTS = ['engine.sh', 'engine-sync.sh', 'import.sh', 'primary.sh', 'questions.sh', 'roles.sh', 'server.sh'];
const BACKUP_SCRIPTS = [
  'archive.sh',
  'engine-backup.sh',
  'engine-restore.sh',
  'engine_reconcile.sh',
  'engine_recover.sh',
  'engine_run.sh',
  'fetch-log.sh',
  'incremental.sh',
  'log-places.sh',
  'older-log.sh',
  'start_offline_server.sh',
];
const SUPERUSER = 'postgres';
const INIT_ROLES = '000-roles.sh';

/**
 * PostgreSQL, as the core knows it: what `Postgres` is made of.
 */
export class PostgresEngine implements IEngine {
  /** Name of the application's database. */
  public readonly database: string;

  /** Name of the application's user. */
  public readonly user: string;

  /**
   * @throws if an option is of the wrong kind
   */
  constructor(private readonly options: PostgresOptions) {
    checkObject('props', options);
    checkInstance('version', options.version, PostgresVersion, 'a PostgresVersion, as PostgresVersion.V18');
    this.database = checkIdentifier('database', options.database ?? 'app', ['template0', 'template1']);
    this.user = checkIdentifier('user', options.user ?? 'app', [
      REPLICATION_USER,
      SUPERUSER,
      'public',
      'none',
      'current_role',
      'current_user',
      'session_user',
    ]);
  }

  /**
   * What PostgreSQL supplies to a system.
   *
   * @throws if a parameter is one that the library must own, or an option does not fit the system, by its name
   */
  public bind(system: ReplicatedSystem): EngineConfig {
    const {
      options: { importFrom, version, ...options },
      database,
      user,
    } = this;
    const port = checkPort('port', options.port ?? 5432);
    const sizes = sizesOf(system);
    const initScripts = checkInitScripts(options.initScripts ?? {});
    const synchronousReplicas = checkSynchronousReplicas(options.synchronousReplicas ?? 0, system.replicas);
    const parameters = checkParameters(
      checkTexts('parameters', options.parameters ?? {}),
      system.replicas,
      synchronousReplicas,
    );
    return {
      ...databaseEngine(version, system),
      name: 'postgres',
      port,
      // Inside what the images of 17 and 18 declare as their volume, so that neither puts another one over it.
      volumePath: '/var/lib/postgresql/data',
      scratch: [
        { name: 'socket', path: '/var/run/postgresql' },
        { name: 'tmp', path: '/tmp' },
        // Workers of a parallel query share memory here; the container runtime's own 64 MiB are soon used up.
        {
          name: 'shm',
          path: '/dev/shm',
          inMemory: true,
          sizeLimit: Size.mebibytes(Math.floor(sizes.memory.toMebibytes() / 4)),
        },
      ],
      scripts: readScripts(join(__dirname, 'scripts'), SCRIPTS),
      backupScripts: readScripts(join(__dirname, 'backup-scripts'), BACKUP_SCRIPTS),
      backsUpChanges: true,
      configFiles: {
        'postgresql.conf': postgresqlConf({ ...defaultParameters(sizes, port, system.replicas), ...parameters }),
        'pg_hba.conf': hbaConf(REPLICATION_USER, checkFlag('superuserFromNetwork', options.superuserFromNetwork)),
      },
      settings: {
        database,
        user,
        replication_user: REPLICATION_USER,
        read_only: checkFlag('readOnly', options.readOnly) ? 'yes' : 'no',
        synchronous_replicas: String(synchronousReplicas),
        alter_system: allows(parameters.allow_alter_system) ? 'yes' : 'no',
        reserved_settings: RESERVED.join('|'),
      },
      // What is imported brings what init scripts made.
      initFiles: { [INIT_ROLES]: INIT_ROLES_SCRIPT, ...(importFrom === undefined && initScripts) },
      source:
        importFrom &&
        engineSource(importFrom, { major: version.major, database, user, namespace: system.namespaceName }),
      environment: {
        POSTGRES_INITDB_ARGS: EnvValue.fromValue(
          ['--data-checksums', ...checkInitdbArguments(options.initdbArguments)].join(' '),
        ),
      },
    };
  }
}

/** So many pods must be there in addition to the primary, or no commit would ever end. */
function checkSynchronousReplicas(synchronousReplicas: number, replicas: number): number {
  if (!Number.isInteger(synchronousReplicas) || synchronousReplicas < 0 || synchronousReplicas > replicas - 1) {
    throw new Error(
      `synchronousReplicas must be a whole number from 0 to ${replicas - 1}, as there are ${replicas - 1} replicas in addition to the primary with 'replicas: ${replicas}', ` +
        `got ${shown(synchronousReplicas)}: commits would wait for ever. Raise 'replicas', or lower it`,
    );
  }
  return synchronousReplicas;
}

/** As PostgreSQL reads a switch; it is off where nothing is said. */
function allows(value = 'off'): boolean {
  return /^(on|t|tr|tru|true|y|ye|yes|1)$/i.test(value.trim());
}

/** First of the init scripts, so that the user's can name the application's role. */
const INIT_ROLES_SCRIPT = '#!/usr/bin/env bash\nexec /opt/stateful/roles.sh\n';
