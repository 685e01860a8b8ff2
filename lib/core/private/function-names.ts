import { sharedScripts } from '../script-files';
import { CALLED_BY_ENGINES, CORE_PREFIX, CORE_SETTINGS, READ_BY_ENGINES, SET_BY_ENGINES } from './script-names';

interface Texts {
  readonly [name: string]: string;
}

const OWN = `names that begin with '${CORE_PREFIX}' are the library's`;
/** A text between `<<WORD` and `WORD` is none of the shell's. */
const HERE_DOCUMENT = /<<-?[ \t]*(['"]?)(\w+)\1([^\n]*)\n[^]*?\n[ \t]*\2$/gm;

/**
 * The shared scripts and an engine's are sourced into one shell: of two functions of one name the later one would be
 * called instead of the other, and a variable that both set would lead the shared scripts astray. A file that begins
 * with `#!` is a program of its own, and one of a shared script's name is there instead of it.
 */
export function checkFunctionNames(scripts: Texts): void {
  const shared = sharedScripts();
  for (const [file, text] of Object.entries(scripts).filter(
    ([name, script]) => !script.startsWith('#!') && !Object.hasOwn(shared, name),
  )) {
    const prop = `engine.scripts['${file}']`;
    for (const name of functionsOf(text)) {
      if (name.startsWith(CORE_PREFIX))
        throw new Error(`${prop} must not define the function ${name}, as ${OWN}: rename it`);
      if (CALLED_BY_ENGINES.includes(name))
        throw new Error(`${prop} must not define the function ${name}, which is the library's: rename it`);
    }
    for (const name of variablesOf(text)) {
      if (name.startsWith(CORE_PREFIX))
        throw new Error(`${prop} must not set the variable ${name}, as ${OWN}: rename it`);
      if (READ_BY_ENGINES.includes(name) || CORE_SETTINGS.includes(name)) {
        throw new Error(
          `${prop} must not set the variable ${name}, which the library sets: rename it, or declare it 'local' in a function`,
        );
      }
    }
  }
}

/** Settings are variables of the same shell, and set before anything else. */
export function checkSettingNames(settings: Texts): void {
  for (const [name, value] of Object.entries(settings)) {
    if (CORE_SETTINGS.includes(name))
      throw new Error(`engine.settings must not have '${name}', got '${value}': the library sets it`);
    if (name.startsWith(CORE_PREFIX))
      throw new Error(`engine.settings must not have '${name}', got '${value}': ${OWN}. Choose another name`);
    if ([...READ_BY_ENGINES, ...SET_BY_ENGINES].includes(name)) {
      throw new Error(
        `engine.settings must not have '${name}', got '${value}': the scripts of the library use that variable. Choose another name`,
      );
    }
  }
}

/** What a script defines, each at the beginning of a line. */
export function functionsOf(script: string): string[] {
  return [...script.matchAll(/^(?:function )?(\w+)[ \t]*\(\)/gm)].map(([, name]) => name);
}

/** What a script sets with `name=` where a command could stand, and not as a `local` one. */
function variablesOf(script: string): string[] {
  return [
    ...script
      .replace(HERE_DOCUMENT, '$3')
      .matchAll(
        /(?:^|[;{&|]|\b(?:then|do|else|export|readonly))[ \t]*((?:\w+\+?=\S*[ \t]+)*)(\w+)(?:\[[^\]]*\])?\+?=/gm,
      ),
  ].flatMap(([, before, name]) => [...before.matchAll(/(\w+)\+?=/g)].map(([, other]) => other).concat(name));
}
