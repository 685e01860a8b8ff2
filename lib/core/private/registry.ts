import { IConstruct } from 'constructs';
import { Environment } from '../environment';

/** Names taken in each app. Weak, so that an app that a test made can be forgotten. */
const taken = new WeakMap<IConstruct, Map<string, string>>();

/**
 * Refuse two systems of one app and environment whose objects would overwrite each other: `kubectl apply` would merge
 * them silently.
 */
export function claimNames(scope: IConstruct, namespace: string | undefined, setName: string, names: string[]): void {
  const root = scope.node.root;
  const owners = taken.get(root) ?? new Map<string, string>();
  taken.set(root, owners);
  const environment = Environment.of(scope);
  const keyOf = (name: string): string => `${environment ?? ''}/${namespace ?? ''}/${name}`;
  for (const name of names) {
    const owner = owners.get(keyOf(name));
    if (owner !== undefined) {
      const place = `namespace '${namespace ?? '(default)'}'${environment === undefined ? '' : ` of environment '${environment}'`}`;
      const way =
        environment === undefined
          ? "another 'name', or an Environment for each if they go to different clusters"
          : "another 'name'";
      throw new Error(
        `name '${setName}' collides with '${owner}' in ${place}: both would have objects named '${name}'; give one of them ${way}`,
      );
    }
  }
  names.forEach((name) => owners.set(keyOf(name), setName));
}
