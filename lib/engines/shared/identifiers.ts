import { Lazy } from 'cdk8s';
import { checkObject, shown } from '../../values/checks';

const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;
/** The library's own begins with `000-`: in every locale that comes before these. */
const INIT_SCRIPT = /^0{0,2}[A-Za-z1-9][-._A-Za-z0-9]*\.(sql|sh)$/;
const FILE_NAME = /^[A-Za-z0-9][-._A-Za-z0-9]*\.(sql|sh)$/;
const LONGEST_KEY = 253;

/** A role's or database's name that needs no quoting anywhere. */
export function checkIdentifier(prop: string, name: string, reserved: string[]): string {
  if ((typeof name as unknown) !== 'string' || !IDENTIFIER.test(name) || name.startsWith('pg_')) {
    throw new Error(
      `${prop} must be a plain name (a-z, 0-9, '_', at most 63 characters, not beginning with a digit or 'pg_'), got ${shown(name)}`,
    );
  }
  if (reserved.includes(name)) {
    throw new Error(`${prop} must not be '${name}': the database or the library uses that name itself`);
  }
  return name;
}

/** Init scripts that the image's entry point runs, after the library's own. */
export function checkInitScripts(scripts: { [fileName: string]: string }): { [fileName: string]: string } {
  for (const [name, text] of Object.entries(checkObject('initScripts', scripts))) {
    if (!FILE_NAME.test(name) || name.length > LONGEST_KEY) {
      throw new Error(
        `initScripts must have file names of letters, digits, '-', '_' and '.', that begin with a letter or digit and end with '.sql' or '.sh', got '${name}'`,
      );
    }
    if (!INIT_SCRIPT.test(name)) {
      throw new Error(
        `initScripts must have file names that come after '000-', with which the library's own begins, that makes the user and the database, got '${name}': call it '01-${name.replace(/^[-._0]+(?=[A-Za-z1-9])/, '')}', say`,
      );
    }
    if (!((text as unknown) instanceof Lazy) && (typeof text as unknown) !== 'string') {
      throw new Error(`initScripts must have strings as values, got ${shown(text)} for '${name}'`);
    }
  }
  return { ...scripts };
}
