import { checkText, shown } from '../../../values/checks';

/**
 * What of `initdb` is about the data, and not about where it lies, who may connect, and what the server's configuration
 * is.
 */
const ALLOWED = [
  'encoding',
  'locale',
  'lc-collate',
  'lc-ctype',
  'lc-messages',
  'lc-monetary',
  'lc-numeric',
  'lc-time',
  'locale-provider',
  'builtin-locale',
  'icu-locale',
  'text-search-config',
  'wal-segsize',
];
const ALLOWED_ALONE = ['no-locale', 'data-checksums', 'no-instructions'];

/** Why some of the others must not be given. */
const WHY: { readonly [name: string]: string } = {
  pgdata: "the volume is mounted by the prop 'storage'",
  waldir: "the volume is mounted by the prop 'storage'",
  'no-data-checksums': 'checksums find what a disk has damaged, before a replica copies it',
  'no-sync': 'what is made must survive the node',
  username: "the superuser is 'postgres'",
  pwfile: "passwords come from the prop 'credentials'",
  pwprompt: "passwords come from the prop 'credentials'",
  auth: 'passwords are required by scram-sha-256 from everywhere',
  'auth-host': 'passwords are required by scram-sha-256 from everywhere',
  'auth-local': 'passwords are required by scram-sha-256 from everywhere',
  set: "use the prop 'parameters'",
  'allow-group-access': "the files belong to the server's user alone",
};

/** The image's entry point gives the arguments to `eval`: a blank, a quote or a semicolon would be the shell's. */
const VALUE = /^[\w@.,:+-]+$/;

/**
 * Arguments of `initdb`, each as `--name=value`.
 *
 * @throws if one would move the data, open the server, or be read by a shell
 */
export function checkInitdbArguments(given: string[] | undefined): string[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) {
    throw new Error(`initdbArguments must be a list, as ['--locale=de_DE.utf8'], got ${shown(given)}`);
  }
  for (const argument of given) {
    if ((argument as unknown) === '-k') continue; // --data-checksums, once more
    const [, name = '', value] = /^--([a-z-]+)(?:=([^]*))?$/.exec(checkText('initdbArguments', argument)) ?? [];
    if (Object.hasOwn(WHY, name)) {
      throw new Error(`initdbArguments must not have '--${name}', got '${argument}': ${WHY[name]}`);
    }
    if (!(value === undefined ? ALLOWED_ALONE.includes(name) : ALLOWED.includes(name))) {
      throw new Error(
        `initdbArguments must be of ${[...ALLOWED.map((one) => `--${one}=`), ...ALLOWED_ALONE.map((one) => `--${one}`)].join(', ')}, each with its value in one text, got '${argument}'`,
      );
    }
    if (value !== undefined && !VALUE.test(value)) {
      throw new Error(
        `initdbArguments must have values of letters, digits and '_@.,:+-', as a shell reads them, got '${argument}'`,
      );
    }
  }
  return [...given];
}
