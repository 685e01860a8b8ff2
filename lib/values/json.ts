/** A JSON object whose fields have not been checked: anyone may have written the manifest. */
export interface JsonObject {
  readonly [key: string]: unknown;
}

/** Whether it is an object, and not a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path, or undefined if the path does not exist. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((found, key) => (isObject(found) ? found[key] : undefined), value);
}

/** The object at a path, or an empty one. */
export function objectAt(value: unknown, ...path: string[]): JsonObject {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
}

/** The list at a path, or an empty one. */
export function listAt(value: unknown, ...path: string[]): unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** A string, number or boolean at a path, as a string: unquoted YAML may read a string as one of the others. */
export function stringAt(value: unknown, ...path: string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean'
    ? String(found)
    : undefined;
}

/** The number at a path. */
export function numberAt(value: unknown, ...path: string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** The map of strings at a path. Numbers and booleans count as strings; other values are left out. */
export function stringMapAt(value: unknown, ...path: string[]): { [key: string]: string } {
  const map = objectAt(value, ...path);
  return Object.fromEntries(
    Object.keys(map).flatMap((key) => {
      const text = stringAt(map, key);
      return text === undefined ? [] : [[key, text]];
    }),
  );
}

/** Whether it is an empty object or list. */
export function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** JSON with sorted keys, so that equal values have equal strings. */
export function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
    ) ?? 'null'
  );
}

/** Whether two values are the same JSON. */
export function isEqual(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
