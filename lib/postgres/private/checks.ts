const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;
const INIT_SCRIPT = /^[A-Za-z0-9][-._A-Za-z0-9]*\.(sql|sh)$/;

/** A role's or database's name that needs no quoting anywhere. */
export function checkIdentifier(prop: string, name: string, reserved: string[]): string {
  if (!IDENTIFIER.test(name) || name.startsWith('pg_')) {
    throw new Error(`${prop} must be a plain name (a-z, 0-9, '_', at most 63 characters, not beginning with a digit or 'pg_'), got '${name}'`);
  }
  if (reserved.includes(name)) {
    throw new Error(`${prop} must not be '${name}': the library uses that name itself`);
  }
  return name;
}

/** Init scripts that the image's entry point runs, after the library's own. */
export function checkInitScripts(scripts: { [fileName: string]: string }, first: string): { [fileName: string]: string } {
  for (const name of Object.keys(scripts)) {
    if (!INIT_SCRIPT.test(name)) {
      throw new Error(`initScripts must have file names that end with '.sql' or '.sh', got '${name}'`);
    }
    if (name <= first) {
      throw new Error(`initScripts must have names that sort after '${first}', which makes the application's user, got '${name}'`);
    }
  }
  return scripts;
}
