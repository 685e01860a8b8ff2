/**
 * A copy without empty lists and objects: the API server drops them, and a GitOps tool would show the difference for ever.
 * Volumes are the exception: `emptyDir: {}` means something.
 */
export function withoutEmpty(value: { [key: string]: unknown }): { [key: string]: unknown } {
  return Object.fromEntries(Object.entries(value)
    .map(([key, inner]): [string, unknown] => [key, prune(inner)])
    .filter(([key, inner]) => key === 'emptyDir' || !isEmpty(inner)));
}

function prune(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(prune);
  }
  return typeof value === 'object' && value !== null ? withoutEmpty(value as { [key: string]: unknown }) : value;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}
