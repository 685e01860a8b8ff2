import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseQuantity } from '../../values/quantity';
import { setResourceId, Sets } from '../facts/set-facts';

/** A script that makes, step by step, a change that Kubernetes does not make by itself. */
export interface Plan {
  /** The StatefulSet, as findings name it. */
  readonly resource: string;
  /** The environment that the StatefulSet belongs to, if it belongs to one. */
  readonly environment?: string;
  /** The name of its file, unique in an environment for each new size of a claim. */
  readonly fileName: string;
  /** The content of the file. */
  readonly script: string;
}

/** Plans for all volumes that are to be expanded. */
export function growPlans(before: Sets, after: Sets, environment?: string): Plan[] {
  return [...before.values()].flatMap((set) => {
    const now = after.get(setResourceId(set));
    if (now === undefined) return [];
    return Object.keys(set.claims)
      .filter((name) => name in now.claims)
      .flatMap((claim): Plan[] => {
        const [old, size] = [set.claims[claim].size, now.claims[claim].size];
        if (!(parseQuantity(size) > parseQuantity(old)) || now.claims[claim].grows === false) return [];
        // From the manifests: the lock does not know whether they name the default namespace or none.
        const values = {
          ...(now.namespace !== undefined && { namespace: now.namespace }),
          set_name: set.name,
          claim,
          size,
        };
        return [
          {
            resource: setResourceId(set),
            ...(environment !== undefined && { environment }),
            fileName: `grow-${claim}-of-${set.name}${now.namespace === undefined ? '' : `-in-${now.namespace}`}-to-${size}.sh`,
            script: fillIn(readFileSync(join(__dirname, 'grow-volumes.sh'), 'utf8'), values),
          },
        ];
      });
  });
}

/** Writes plans as executable files, in a folder for each environment, and returns their paths. */
export function writePlans(folder: string, plans: Plan[]): string[] {
  return plans.map(({ environment = '', fileName, script }) => {
    const file = join(folder, environment, fileName);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, script, { mode: 0o755 });
    return file;
  });
}

/**
 * Names are DNS names and sizes are quantities, which need no quotes in a shell. Anything else must not get into a
 * script.
 */
const HARMLESS = /^[a-zA-Z0-9.+-]*$/;

function fillIn(script: string, values: { [variable: string]: string }): string {
  const lines = Object.entries(values).map(([variable, value]) => {
    if (!HARMLESS.test(value))
      throw new Error(
        `cannot make a plan: ${variable} is '${value}', which is not a valid Kubernetes name or quantity`,
      );
    return `${variable}=${value}`;
  });
  return script.replace(/^(?=: "\$\{namespace)/m, `${lines.join('\n')}\n`);
}
