import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-28';
import { Driver, SetOptions } from '../driver';
import { messageOf } from '../poll';
import { hashed } from './dependencies';

/** A driver that remembers what its sets were made with. */
export interface NotingDriver {
  readonly driver: Driver;
  /** Gives the options of all manifests that were made since it was called last, as texts, each once, in order. */
  readonly take: () => string[];
}

/** So it is known which manifests a row rests on: all that it has of the library. */
export function noting(driver: Driver): NotingDriver {
  const made = new Set<string>();
  const manifest = (options: SetOptions): string => {
    made.add(textOf(options));
    return driver.manifest(options);
  };
  return {
    driver: Object.create(driver, { manifest: { value: manifest } }) as Driver,
    take: () => {
      const taken = [...made].sort();
      made.clear();
      return taken;
    },
  };
}

/** What the library makes of these options today; where it refuses them, what it says. */
export function manifestHash(driver: Driver, text: string): string {
  try {
    return hashed(driver.manifest(optionsOf(text)));
  } catch (error) {
    return hashed(messageOf(error));
  }
}

/** Options as JSON. */
export function textOf(options: SetOptions): string {
  return JSON.stringify(options, function replace(this: { [key: string]: unknown }, key, value: unknown) {
    // `this` has what was there before a `toJSON`.
    const given = this[key];
    if (given instanceof Size) return { $mebibytes: given.toMebibytes() };
    if (given instanceof Duration) return { $seconds: given.toSeconds() };
    if (given instanceof Cpu) return { $cpu: given.amount };
    return isPlain(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value;
  });
}

/** The other way round. */
export function optionsOf(text: string): SetOptions {
  return JSON.parse(text, (_, value: unknown) => {
    const { $mebibytes, $seconds, $cpu } = (value ?? {}) as {
      readonly $mebibytes?: number;
      readonly $seconds?: number;
      readonly $cpu?: string;
    };
    if ($mebibytes !== undefined) return Size.mebibytes($mebibytes);
    if ($seconds !== undefined) return Duration.seconds($seconds);
    if ($cpu !== undefined) return $cpu.endsWith('m') ? Cpu.millis(Number($cpu.slice(0, -1))) : Cpu.units(Number($cpu));
    return value;
  }) as SetOptions;
}

function isPlain(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
