import { checkParameter } from '../../private/parameters';

// What the option files of MySQL and MariaDB have in common.

const NAME = /^[a-z][a-z0-9_]*$/;

/** Both take each name with these before it too. */
const PREFIXES = /^((loose|skip|disable|enable|maximum)_)+/;

/** A value that would break a promise, of an option that may be set. */
export interface RefusedValue {
  readonly name: string;
  readonly value: RegExp;
  readonly why: string;
}

/**
 * Refuse options that would break a promise, saying what to do in place of them.
 *
 * @param owned options that must not be set at all, each with what to do in place of that
 */
export function checkOptions(options: { [name: string]: string }, owned: Map<string, string>, refused: RefusedValue[]): { [name: string]: string } {
  for (const [name, value] of Object.entries(options)) {
    const why = owned.get(name) ?? owned.get(name.replace(PREFIXES, '')) ?? refused.find((one) => one.name === name && one.value.test(value.trim()))?.why;
    checkParameter({ name, value, why, names: NAME, help: 'a-z, 0-9 and \'_\'' });
  }
  return options;
}

/** One line an option. */
export function optionLines(options: { [name: string]: string }): string {
  return Object.entries(options).map(([name, value]) => `${name} = ${optionValue(value)}\n`).join('');
}

/** Words and numbers stay plain. In quotes backslashes are read as escapes. */
function optionValue(value: string): string {
  return /^[-\w.,:/*]+$/.test(value) ? value : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
