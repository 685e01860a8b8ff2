import { join } from 'node:path';
import { Engine } from '../../engine';
import { FamilyProps, familyEngine } from '../../mysql-family/private/engine';
import { checkPort } from '../../private/checks';
import { sizesOf } from '../../private/database-engine';
import { checkTexts } from '../../private/values';
import { MariaDbProps } from '../mariadb-props';
import { checkParameters, defaultParameters, mariaDbConf } from './parameters';

const SCRIPTS = ['client.sh', 'donate.sh', 'engine.sh', 'engine-sync.sh', 'users-sql.sh'];
const COPY_PORT = 4444;

/** MariaDB as the core needs to know it. */
export function mariaDbEngine(props: MariaDbProps & FamilyProps): Engine {
  const port = checkPort('port', props.port ?? 3306);
  const parameters = checkParameters(checkTexts('parameters', props.parameters ?? {}));
  return {
    name: 'mariadb',
    port,
    copyPort: COPY_PORT,
    configFiles: { 'mariadb.cnf': mariaDbConf({ ...defaultParameters(sizesOf(props), port), ...parameters }) },
    ...familyEngine(props, {
      folder: join(__dirname, '..', 'scripts'),
      scripts: SCRIPTS,
      reservedUsers: ['public', 'healthcheck'],
      settings: { copy_port: String(COPY_PORT) },
    }),
  };
}
