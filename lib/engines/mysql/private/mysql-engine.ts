import { join } from 'node:path';
import { Engine } from '../../../core/engine';
import { FamilyProps, familyEngine } from '../../mysql-common/mysql-common-engine';
import { checkPort } from '../../../core/private/pod-checks';
import { sizesOf } from '../../shared/database-engine';
import { checkSize, checkText, checkTexts } from '../../../values/checks';
import { MySqlProps } from '../mysql-props';
import { checkParameters, defaultParameters, logMebibytes, mySqlConf, withDefaults } from './mysql-parameters';

const SCRIPTS = ['answer.awk', 'certificates.sh', 'client.sh', 'engine.sh', 'engine-sync.sh', 'last-init.sh', 'own-tools.sh', 'users-sql.sh'];

/** MySQL as the core needs to know it. */
export function mySqlEngine(props: MySqlProps & FamilyProps): Engine {
  const port = checkPort('port', props.port ?? 3306);
  const parameters = checkParameters(checkTexts('parameters', props.parameters ?? {}));
  const sizes = sizesOf(props);
  const logMiB = logMebibytes(props.maxLogSize && checkSize('maxLogSize', props.maxLogSize), sizes.volume);
  checkLength(checkText('user', props.user));
  return {
    name: 'mysql',
    port,
    configFiles: { 'mysql.cnf': mySqlConf(withDefaults(parameters, defaultParameters(sizes, logMiB, port))) },
    ...familyEngine(props, {
      folder: join(__dirname, '..', 'scripts'),
      scripts: SCRIPTS,
      reservedUsers: [],
      settings: { log_size: String(logMiB * 1024 * 1024) },
    }),
  };
}

function checkLength(user: string): void {
  if (user.length > 32) {
    throw new Error(`user must have at most 32 characters, as MySQL's users do, got ${user.length}: '${user}'`);
  }
}
