import { dirname } from 'node:path';
import { Manifests } from './manifests';

/** Says by the path of a file which environment it belongs to; the empty name, if to none. */
export type EnvironmentKey = (path: string) => string;

/**
 * How repositories keep environments apart, from the coarsest on: not at all, by the first folder, by folders, by
 * files.
 */
const KEYS: readonly EnvironmentKey[] = [
  () => '',
  (path) => path.split('/').slice(0, -1)[0] ?? '',
  (path) => (dirname(path) === '.' ? '' : dirname(path)),
  (path) => path,
];

/** One environment, before and after a change. */
export interface EnvironmentPair {
  readonly name: string;
  readonly before: Manifests;
  readonly after: Manifests;
}

/**
 * The environments in two states of a repository. Where several files define the same StatefulSet, as `dev/orders.yaml`
 * and `prod/orders.yaml` do, each belongs to a cluster of its own, and what they have in common is the name.
 */
export function pairEnvironments(before: Manifests, after: Manifests): EnvironmentPair[] {
  const key =
    KEYS.find((candidate) => !before.hasTwins(candidate) && !after.hasTwins(candidate)) ?? KEYS[KEYS.length - 1];
  const [old, wanted] = [before.groupBy(key), after.groupBy(key)];
  const none = Manifests.of([]);
  return [...new Set([...old.keys(), ...wanted.keys()])]
    .sort()
    .map((name) => ({ name, before: old.get(name) ?? none, after: wanted.get(name) ?? none }));
}
