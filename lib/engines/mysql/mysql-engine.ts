import { EngineConfig, IEngine } from '../../core/engine';
import { ReplicatedSystem } from '../../core/replicated-system';
import { checkInstance, checkObject, checkPort, checkSize, checkText, checkTexts } from '../../values/checks';
import { checkDatabase, checkUser, commonEngine } from '../mysql-common/mysql-common-engine';
import { sizesOf } from '../shared/database-engine';
import { MySqlOptions } from './mysql-props';
import { MySqlVersion } from './mysql-version';
import { checkParameters, defaultParameters, logMebibytes, mySqlConf, withDefaults } from './private/mysql-parameters';

const SCRIPTS = [
  'certificates.sh',
  'client.sh',
  'engine.sh',
  'engine-sync.sh',
  'last-init.sh',
  'mysql-tools.sh',
  'serve-status.awk',
  'users-sql.sh',
];
const BACKUP_SCRIPTS = ['engine-backup.sh', 'engine-restore.sh', 'prune_log.sh'];

/**
 * MySQL, as the core knows it: what `MySql` is made of.
 */
export class MySqlEngine implements IEngine {
  /** Name of the application's database. */
  public readonly database: string;

  /** Name of the application's user. */
  public readonly user: string;

  /**
   * @throws if an option is of the wrong kind
   */
  constructor(private readonly options: MySqlOptions) {
    checkObject('props', options);
    checkInstance('version', options.version, MySqlVersion, 'a MySqlVersion, as MySqlVersion.V9_7');
    this.database = checkDatabase(options.database ?? 'app');
    this.user = checkUser(checkLength(options.user ?? 'app'));
  }

  /**
   * What MySQL supplies to a system.
   *
   * @throws if a parameter is one that the library must own, or an option does not fit the system, by its name
   */
  public bind(system: ReplicatedSystem): EngineConfig {
    const { options, database, user } = this;
    const port = checkPort('port', options.port ?? 3306);
    const parameters = checkParameters(checkTexts('parameters', options.parameters ?? {}));
    const sizes = sizesOf(system);
    const logMiB = logMebibytes(options.maxLogSize && checkSize('maxLogSize', options.maxLogSize), sizes.volume);
    return {
      name: 'mysql',
      port,
      // The plugin that copies writes files.
      backsUpFromVolume: true,
      configFiles: { 'mysql.cnf': mySqlConf(withDefaults(parameters, defaultParameters(sizes, logMiB, port))) },
      ...commonEngine({ ...options, database, user }, system, {
        folder: __dirname,
        scripts: SCRIPTS,
        backupScripts: BACKUP_SCRIPTS,
        settings: { log_size: String(logMiB * 1024 * 1024) },
      }),
    };
  }
}

function checkLength(user: string): string {
  if (checkText('user', user).length > 32) {
    throw new Error(`user must have at most 32 characters, as MySQL's users do, got ${user.length}: '${user}'`);
  }
  return user;
}
