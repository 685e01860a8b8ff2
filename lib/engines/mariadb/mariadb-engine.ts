import { Size } from 'cdk8s';
import { EngineConfig, IEngine } from '../../core/engine';
import { ReplicatedSystem } from '../../core/replicated-system';
import { checkInstance, checkObject, checkPort, checkTexts } from '../../values/checks';
import { checkDatabase, checkUser, commonEngine } from '../mysql-common/mysql-common-engine';
import { sizesOf } from '../shared/database-engine';
import { MariaDbOptions } from './mariadb-props';
import { MariaDbVersion } from './mariadb-version';
import { checkParameters, defaultParameters, mariaDbConf } from './private/mariadb-parameters';

const SCRIPTS = [
  'by-hand.sh',
  'client.sh',
  'donate.sh',
  'engine.sh',
  'engine-sync.sh',
  'keys.sh',
  'positions.sh',
  'users-sql.sh',
];
const BACKUP_SCRIPTS = ['engine-backup.sh', 'engine-restore.sh', 'incremental.sh', 'times.sh'];
const COPY_PORT = 4444;

/** Where programs that give, take and check copies keep their temporary files and logs, none of which is large. */
const COPY_SCRATCH = { name: 'copies', path: '/run/copies', sizeLimit: Size.gibibytes(1) };

/**
 * MariaDB, as the core knows it: what `MariaDb` is made of.
 */
export class MariaDbEngine implements IEngine {
  /** Name of the application's database. */
  public readonly database: string;

  /** Name of the application's user. */
  public readonly user: string;

  /**
   * @throws if an option is of the wrong kind
   */
  constructor(private readonly options: MariaDbOptions) {
    checkObject('props', options);
    checkInstance('version', options.version, MariaDbVersion, 'a MariaDbVersion, as MariaDbVersion.V11_8');
    this.database = checkDatabase(options.database ?? 'app');
    this.user = checkUser(options.user ?? 'app', ['public', 'healthcheck']);
  }

  /**
   * What MariaDB supplies to a system.
   *
   * @throws if a parameter is one that the library must own, or an option does not fit the system, by its name
   */
  public bind(system: ReplicatedSystem): EngineConfig {
    const { options, database, user } = this;
    const port = checkPort('port', options.port ?? 3306);
    const parameters = checkParameters(checkTexts('parameters', options.parameters ?? {}));
    const common = commonEngine({ ...options, database, user }, system, {
      folder: __dirname,
      scripts: SCRIPTS,
      backupScripts: BACKUP_SCRIPTS,
      settings: { copy_port: String(COPY_PORT), copy_scratch: COPY_SCRATCH.path },
    });
    return {
      ...common,
      name: 'mariadb',
      port,
      copyPort: COPY_PORT,
      backsUpChanges: true,
      configFiles: {
        'mariadb.cnf': mariaDbConf({
          ...defaultParameters(sizesOf(system), port, parameters.max_connections),
          ...parameters,
        }),
      },
      scratch: [...common.scratch, COPY_SCRATCH],
    };
  }
}
