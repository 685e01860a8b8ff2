import { join } from 'node:path';
import { Size } from 'cdk8s';
import { Engine } from '../../../core/engine';
import { FamilyProps, familyEngine } from '../../mysql-common/mysql-common-engine';
import { checkPort } from '../../../core/private/pod-checks';
import { sizesOf } from '../../shared/database-engine';
import { checkTexts } from '../../../values/checks';
import { MariaDbProps } from '../mariadb-props';
import { checkParameters, defaultParameters, mariaDbConf } from './mariadb-parameters';

const SCRIPTS = ['by-hand.sh', 'client.sh', 'donate.sh', 'engine.sh', 'engine-sync.sh', 'keys.sh', 'positions.sh', 'users-sql.sh'];
const COPY_PORT = 4444;

/** Where programs that give, take and check copies keep their temporary files and logs, none of which is large. */
const COPY_SCRATCH = { name: 'copies', path: '/run/copies', sizeLimit: Size.gibibytes(1) };

/** MariaDB as the core needs to know it. */
export function mariaDbEngine(props: MariaDbProps & FamilyProps): Engine {
  const port = checkPort('port', props.port ?? 3306);
  const parameters = checkParameters(checkTexts('parameters', props.parameters ?? {}));
  const family = familyEngine(props, {
    folder: join(__dirname, '..', 'scripts'),
    scripts: SCRIPTS,
    reservedUsers: ['public', 'healthcheck'],
    settings: { copy_port: String(COPY_PORT), copy_scratch: COPY_SCRATCH.path },
  });
  return {
    ...family,
    name: 'mariadb',
    port,
    copyPort: COPY_PORT,
    configFiles: { 'mariadb.cnf': mariaDbConf({ ...defaultParameters(sizesOf(props), port, parameters.max_connections), ...parameters }) },
    scratch: [...family.scratch, COPY_SCRATCH],
  };
}
