import { IConstruct } from 'constructs';

/** Names taken in each app. Weak, so that an app that a test made can be forgotten. */
const taken = new WeakMap<IConstruct, Map<string, string>>();

/**
 * Refuse two systems of one app whose objects would overwrite each other: `kubectl apply` would merge them without a word.
 */
export function claimNames(scope: IConstruct, namespace: string | undefined, setName: string, names: string[]): void {
  const root = scope.node.root;
  const owners = taken.get(root) ?? new Map<string, string>();
  taken.set(root, owners);
  const keyOf = (name: string): string => `${namespace ?? ''}/${name}`;
  for (const name of names) {
    const owner = owners.get(keyOf(name));
    if (owner !== undefined) {
      throw new Error(`name '${setName}' collides with '${owner}' in namespace '${namespace ?? '(default)'}': both would have objects named '${name}'; give one of them another 'name'`);
    }
  }
  names.forEach((name) => owners.set(keyOf(name), setName));
}
