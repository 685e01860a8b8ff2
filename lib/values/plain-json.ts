import { isEmpty } from './json';

/**
 * A copy without empty lists and objects: the API server drops them, and a GitOps tool would show the difference for
 * ever. Where empty means something they stay: `emptyDir: {}`, and a selector that selects all.
 */
export function withoutEmpty(value: { [key: string]: unknown }): { [key: string]: unknown } {
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]): [string, unknown] => [key, prune(inner)])
      .filter(
        ([key, inner]) => inner !== undefined && (key === 'emptyDir' || key.endsWith('Selector') || !isEmpty(inner)),
      ),
  );
}

function prune(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(prune);
  }
  return typeof value === 'object' && value !== null ? withoutEmpty(value as { [key: string]: unknown }) : value;
}
