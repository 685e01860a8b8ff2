import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseQuantity } from '../../values/quantity';
import { setResourceId, Sets } from '../facts/set-facts';

/** A change that Kubernetes does not make by itself: a script that makes it, step by step. */
export interface Plan {
  /** The set that it is about, as findings name it. */
  readonly resource: string;
  /** Its file, of which a set has one for each step of a claim's size. */
  readonly fileName: string;
  /** The whole text of that file. */
  readonly script: string;
}

/** Plans for all volumes that are to be larger. */
export function growPlans(before: Sets, after: Sets): Plan[] {
  return [...before.values()].flatMap((set) => {
    const now = after.get(setResourceId(set));
    if (now === undefined) return [];
    return Object.keys(set.claims).filter((name) => name in now.claims).flatMap((claim): Plan[] => {
      const [old, size] = [set.claims[claim].size, now.claims[claim].size];
      if (!(parseQuantity(size) > parseQuantity(old)) || now.claims[claim].grows === false) return [];
      // The manifests' own namespace: the lock does not know whether they name the default one or none.
      const values = { ...now.namespace !== undefined && { namespace: now.namespace }, set_name: set.name, claim, size };
      return [{
        resource: setResourceId(set),
        fileName: `grow-${claim}-of-${set.name}${now.namespace === undefined ? '' : `-in-${now.namespace}`}-to-${size}.sh`,
        script: fillIn(readFileSync(join(__dirname, 'grow-volumes.sh'), 'utf8'), values),
      }];
    });
  });
}

/** Writes plans as files that can be run, and returns their paths. */
export function writePlans(folder: string, plans: Plan[]): string[] {
  if (plans.length > 0) mkdirSync(folder, { recursive: true });
  return plans.map(({ fileName, script }) => {
    const file = join(folder, fileName);
    writeFileSync(file, script, { mode: 0o755 });
    return file;
  });
}

/** Names are DNS names and sizes are quantities: they need no quotes, and a plan that was made from others must not run. */
const HARMLESS = /^[a-zA-Z0-9.+-]*$/;

function fillIn(script: string, values: { [variable: string]: string }): string {
  const lines = Object.entries(values).map(([variable, value]) => {
    if (!HARMLESS.test(value)) throw new Error(`cannot make a plan: ${variable} is '${value}', which is not a valid Kubernetes name or quantity`);
    return `${variable}=${value}`;
  });
  return script.replace(/^(?=: "\$\{namespace)/m, `${lines.join('\n')}\n`);
}
