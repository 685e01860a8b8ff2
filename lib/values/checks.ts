import { Duration, Lazy, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-28';

// Types only hold for code that is compiled: plain JavaScript, `any` and environment variables can pass anything.

/** A value as it is printed in an error. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Lazy) return 'a Lazy, which is not known yet';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (isSize(value)) return value.asString();
  if (isDuration(value)) return value.toHumanString();
  if (typeof (value as Partial<Cpu>).amount === 'string') return (value as Cpu).amount;
  const { name } = (value.constructor as { readonly name: string } | undefined) ?? { name: 'Object' };
  return name === 'Object' ? 'a plain object' : `an object of ${name}`;
}

/** Refuse anything but an instance of a class; the error says how to create one. */
export function checkInstance<T>(prop: string, value: unknown, type: { readonly prototype: T }, how: string): T {
  if (!(value instanceof (type as unknown as new () => unknown))) {
    throw new Error(`${prop} must be ${how}, got ${shown(value)}`);
  }
  return value as T;
}

/** Refuse anything but a string. */
export function checkText(prop: string, value: unknown): string {
  if (typeof value !== 'string') {
    throw new Error(`${prop} must be a string, got ${shown(value)}`);
  }
  return value;
}

/** Refuse anything but an object: a list, a string, or nothing. */
export function checkObject<T extends object>(prop: string, value: T): T {
  if (typeof value !== 'object' || (value as unknown) === null || Array.isArray(value)) {
    throw new Error(`${prop} must be an object, got ${shown(value)}`);
  }
  return value;
}

/** Refuse anything but a list: a string would be split into characters. */
export function checkList<T>(prop: string, value: readonly T[]): readonly T[] {
  if (!(Array.isArray as (list: unknown) => boolean)(value)) {
    throw new Error(`${prop} must be a list, got ${shown(value)}`);
  }
  return value;
}

/** A copy of a map of strings. A value that was not set would otherwise be written as the word `undefined`. */
export function checkTexts(prop: string, texts: { readonly [name: string]: string }): { [name: string]: string } {
  for (const [name, value] of Object.entries(checkObject(prop, texts))) {
    if ((typeof value as unknown) !== 'string') {
      throw new Error(`${prop} must have strings as values, got ${shown(value)} for '${name}'`);
    }
  }
  return { ...texts };
}

/** Refuse anything but a `Size`. */
export function checkSize(prop: string, value: unknown): Size {
  if (!isSize(value)) {
    throw new Error(`${prop} must be a Size, as Size.gibibytes(10), got ${shown(value)}`);
  }
  return value;
}

/** Whether it is a `Size`, judged by its methods, as there may be two copies of cdk8s. */
function isSize(value: unknown): value is Size {
  return typeof (value as Partial<Size> | null | undefined)?.toMebibytes === 'function';
}

/** Whether it is a `Duration`, judged by its methods. */
export function isDuration(value: unknown): value is Duration {
  return typeof (value as Partial<Duration> | null | undefined)?.toSeconds === 'function';
}

/** Refuse anything but a value of an enum. */
export function checkEnum<T extends string>(prop: string, value: T, values: { readonly [name: string]: T }): T {
  const allowed = Object.values(values);
  if (!allowed.includes(value)) {
    throw new Error(`${prop} must be one of ${allowed.map((one) => `'${one}'`).join(', ')}, got ${shown(value)}`);
  }
  return value;
}

/** Refuse anything but a boolean: the string 'false' would count as true. */
export function checkFlag(prop: string, value: boolean | undefined): boolean {
  if (value !== undefined && (typeof value as unknown) !== 'boolean') {
    throw new Error(`${prop} must be true or false, got ${shown(value)}`);
  }
  return value === true;
}

/** The message that a check throws, as a validation error. */
export function errorOf(check: () => unknown): string[] {
  try {
    check();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** A port that a process without privileges may listen on. */
export function checkPort(prop: string, port: number): number {
  if (!Number.isInteger(port) || port < 1024 || port > 65535) {
    throw new Error(`${prop} must be a whole number from 1024 to 65535 (the server is not root), got ${shown(port)}`);
  }
  return port;
}
