import { sharedScripts } from '../script-files';
import { functionsOf } from './function-names';

// An engine that is made of another one brings a script for each function that it has instead of the other's:
// `reconcile_synchronous_replicas.sh`, say. The script that defines the function sources it, and its own becomes
// `base_reconcile_synchronous_replicas`. That is written into the text of the scripts at synth: so it holds wherever
// the function is called, in any shell, and what runs in the pods can be read in the ConfigMap.

interface Scripts {
  readonly [fileName: string]: string;
}

/** The names of other scripts have no '_'. */
const OVERRIDE = /^(\w*_\w*)\.sh$/;
/** What every engine has. */
const PARTS = ['engine.sh', 'engine-sync.sh'];

/** Refuse what would replace nothing, or something else than the name of the file says. */
export function checkOverrides(scripts: Scripts): void {
  const overrides = Object.entries(overridesIn(scripts));
  if (overrides.length === 0) return;
  const others = Object.values(sourced(scripts)).flatMap(functionsOf);
  const known = [...new Set([...others.filter((name) => name.startsWith('engine_')), ...calledByCore()])].sort();
  for (const [name, text] of overrides) {
    const file = `engine.scripts['${name}.sh']`;
    if (!others.includes(name) && !known.includes(name)) {
      throw new Error(
        `${file} would never be called, as the engine has no function ${name}: a script with '_' in its name replaces the function of that name, which ` +
          `must be one of ${known.join(', ')}, or another function of the engine's scripts. Correct the name, or use '-' if your scripts source the file themselves`,
      );
    }
    const defined = functionsOf(text);
    if (defined.length !== 1 || defined[0] !== name) {
      throw new Error(
        `${file} must define the function ${name} and no other, got ${defined.join(', ') || 'none'}: a script with '_' in its name replaces the function of that name`,
      );
    }
    if (others.includes(`base_${name}`)) {
      throw new Error(
        `${file} must not replace ${name}, as the engine has a function base_${name}, which is what the replaced one would be called: rename that`,
      );
    }
    if (!others.includes(name) && new RegExp(`\\bbase_${name}\\b`).test(text)) {
      throw new Error(
        `${file} must not call base_${name}, as the engine has no function ${name} that it replaces: remove the call`,
      );
    }
  }
}

/**
 * The engine's scripts as they run in the pods. What replaces nothing, as the core calls it only where it is there, is
 * of `engine.sh`.
 */
export function withOverrides(scripts: Scripts): { [fileName: string]: string } {
  const result = { ...scripts };
  for (const name of Object.keys(overridesIn(scripts))) {
    const owners = Object.keys(sourced(scripts)).filter((file) => functionsOf(scripts[file]).includes(name));
    for (const file of owners)
      result[file] = `${source(name)} # instead of ${name}, here base_${name}\n${withBase(name, result[file])}`;
    if (owners.length === 0) result['engine.sh'] = `${source(name)}\n${result['engine.sh']}`;
  }
  return result;
}

/**
 * First in the script: what is called while that is sourced is the new function already. The path is as in scripts that
 * have no `$scripts`.
 */
function source(name: string): string {
  return `. "\${STATEFUL_SCRIPTS:-/opt/stateful}/${name}.sh"`;
}

function withBase(name: string, text: string): string {
  return text.replace(new RegExp(`^((?:function )?)${name}(?=[ \\t]*\\(\\))`, 'gm'), `$1base_${name}`);
}

function overridesIn(scripts: Scripts): Scripts {
  return Object.fromEntries(
    Object.entries(scripts).flatMap(([file, text]) => {
      const [, name] = OVERRIDE.exec(file) ?? [];
      return name === undefined ? [] : [[name, text]];
    }),
  );
}

/** What the engine's scripts are without these; another that begins with `#!` is a program of its own. */
function sourced(scripts: Scripts): Scripts {
  return Object.fromEntries(
    Object.entries(scripts).filter(
      ([file, text]) =>
        PARTS.includes(file) || (file.endsWith('.sh') && !OVERRIDE.test(file) && !text.startsWith('#!')),
    ),
  );
}

/** The functions of an engine that the shared scripts call, those that it may leave out among them. */
function calledByCore(): string[] {
  return Object.values(sharedScripts()).flatMap(
    (text) => text.replace(/(^|\s)# .*$/gm, '').match(/\bengine_\w+/g) ?? [],
  );
}
