import { join } from 'node:path';
import { Cell } from '../cell';
import { Driver } from '../driver';
import { run } from '../kubectl';
import { Check } from '../pipeline/check';
import { Dependencies, hashed } from './dependencies';
import { imageIds, imagesOf } from './images';

export const REPOSITORY = join(__dirname, '..', '..', '..');

/** What cells rest on today. */
export class Bases {
  private readonly dependencies = new Dependencies(REPOSITORY);

  private constructor(private readonly kubernetes: string, private readonly images: ReadonlyMap<Driver, string[]>, private readonly ids: ReadonlyMap<string, string>) {}

  /** Asks the cluster what it runs, and which images the engines' names mean there. */
  public static async of(cells: readonly Cell[], storageClassName: string): Promise<Bases> {
    const images = new Map(cells.flatMap(({ drivers }) => drivers).map((driver) => [driver, imagesOf(driver, storageClassName)]));
    const { serverVersion } = JSON.parse(await run('kubectl', ['version', '-o', 'json'])) as { serverVersion: { gitVersion: string } };
    return new Bases(serverVersion.gitVersion, images, await imageIds([...new Set([...images.values()].flat())]));
  }

  /** A hash of the modules and scripts that it is made from, of the images that it runs, and of what it says itself. */
  public async of({ what, drivers, more }: Cell): Promise<string> {
    const check = what as Partial<Check>;
    const files = [fileOf(check.madeBy ?? what), ...drivers.map((driver) => fileOf(driver.constructor))];
    const images = drivers.flatMap((driver) => this.images.get(driver) ?? []).map((name) => [name, this.ids.get(name)]);
    return hashed(JSON.stringify([[...this.dependencies.of(files)], images, this.kubernetes, more, await check.basis?.()]));
  }
}

/** The module that exports it, by itself or in a list; of several lists the shortest, as a list of all is made of what others export. */
export function fileOf(exported: object, modules: NodeJS.Dict<NodeModule> = require.cache): string {
  // Ours are none of the packages', whose exports may do something when they are looked at.
  const own = Object.values(modules).filter((module) => module !== undefined).filter(({ filename }) => filename.startsWith(`${REPOSITORY}/test/`));
  const lengths = own.flatMap(({ filename, exports }) => Object.values((exports ?? {}) as object).flatMap((value: unknown) => {
    const isIt = value === exported || (Array.isArray(value) && value.includes(exported));
    return isIt ? [{ filename, length: Array.isArray(value) ? value.length : 0 }] : [];
  }));
  if (lengths.length === 0) {
    throw new Error('a row, a check or a driver is not exported by the module that makes it, so what it rests on cannot be told');
  }
  return lengths.reduce((one, other) => (other.length < one.length ? other : one)).filename;
}
