import { sharedScripts } from '../script-files';

/** An engine may bring its own of these, or functions in place of theirs. */
const REPLACEABLE = ['tools.sh', 'pause.sh'];

/**
 * The shared scripts and an engine's are sourced into one shell: of two functions of one name the later one would be called in place of the
 * other. A file that begins with `#!` is a program of its own.
 */
export function checkFunctionNames(scripts: { [fileName: string]: string }): void {
  const shared = Object.entries(sharedScripts()).filter(([file]) => !REPLACEABLE.includes(file) && !(file in scripts));
  const owners = new Map(shared.flatMap(([file, text]) => functionsOf(text).map((name) => [name, file])));
  for (const [file, text] of Object.entries(scripts).filter(([, script]) => !script.startsWith('#!'))) {
    const taken = functionsOf(text).find((name) => owners.has(name));
    if (taken !== undefined) {
      throw new Error(`engine.scripts['${file}'] must not define the function ${taken}, as ${owners.get(taken)} of lib/core/scripts has one of that name: rename it`);
    }
  }
}

/** What a script defines, each at the beginning of a line. */
export function functionsOf(script: string): string[] {
  return [...script.matchAll(/^(?:function )?(\w+)[ \t]*\(\)/gm)].map(([, name]) => name);
}
