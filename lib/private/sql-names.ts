const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;
/** Not beginning with a 0: whatever the image's locale, the library's own, which begins with 000, then comes first. */
const INIT_SCRIPT = /^[A-Za-z1-9][-._A-Za-z0-9]*\.(sql|sh)$/;

/** A role's or database's name that needs no quoting anywhere. */
export function checkIdentifier(prop: string, name: string, reserved: string[]): string {
  if (!IDENTIFIER.test(name) || name.startsWith('pg_')) {
    throw new Error(`${prop} must be a plain name (a-z, 0-9, '_', at most 63 characters, not beginning with a digit or 'pg_'), got '${name}'`);
  }
  if (reserved.includes(name)) {
    throw new Error(`${prop} must not be '${name}': the database or the library uses that name itself`);
  }
  return name;
}

/** Init scripts that the image's entry point runs, after the library's own. */
export function checkInitScripts(scripts: { [fileName: string]: string }): { [fileName: string]: string } {
  for (const name of Object.keys(scripts)) {
    if (!INIT_SCRIPT.test(name)) {
      throw new Error(`initScripts must have file names of letters, digits, '-', '_' and '.', that begin with a letter or 1 to 9 and end with '.sql' or '.sh', got '${name}'`);
    }
  }
  return scripts;
}
