/** A JSON object whose fields nobody has checked yet: a manifest may have been written by anyone. */
export interface JsonObject {
  readonly [key: string]: unknown;
}

/** Whether it is an object and no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path, or nothing if the path ends before. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((found, key) => (isObject(found) ? found[key] : undefined), value);
}

/** The object at a path; an empty one if there is none. */
export function objectAt(value: unknown, ...path: string[]): JsonObject {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
}

/** The list at a path; an empty one if there is none. */
export function listAt(value: unknown, ...path: string[]): unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** What a string, number or boolean at a path reads as: YAML knows them apart where Kubernetes' fields do not. */
export function stringAt(value: unknown, ...path: string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? String(found) : undefined;
}

/** The number at a path. */
export function numberAt(value: unknown, ...path: string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** The strings of the map at a path; what is no string, number or boolean is left out. */
export function stringMapAt(value: unknown, ...path: string[]): { [key: string]: string } {
  const map = objectAt(value, ...path);
  return Object.fromEntries(Object.keys(map).flatMap((key) => {
    const text = stringAt(map, key);
    return text === undefined ? [] : [[key, text]];
  }));
}

/** Whether it is an object or a list with nothing in it. */
export function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** JSON in which keys are in order, so that two values are equal if their texts are. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner
  )) ?? 'null';
}

/** Whether two values mean the same JSON. */
export function isEqual(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
