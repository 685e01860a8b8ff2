import { join } from 'node:path';
import { Cell } from '../cell';
import { Driver } from '../driver';
import { run } from '../kubectl';
import { Check } from '../pipeline/check';
import { Dependencies, hashed } from './dependencies';
import { imageIds, imagesOf } from './images';
import { manifestHash } from './made';

export const REPOSITORY = join(__dirname, '..', '..', '..');

/** What a cell rests on today. */
export interface Basis {
  /** A hash of all of it, where its sets are made with these options (`made.ts`). */
  of(made: readonly string[]): string;
}

/** What cells rest on today. */
export class Bases {
  private readonly whole = new Dependencies(REPOSITORY);
  /** The library is what its manifests are. */
  private readonly withoutLibrary = new Dependencies(REPOSITORY, (name) => name.startsWith('lib/'));
  private readonly manifests = new Map<string, string>();

  private constructor(
    private readonly kubernetes: string,
    private readonly images: ReadonlyMap<Driver, string[]>,
    private readonly ids: ReadonlyMap<string, string>,
  ) {}

  /** Asks the cluster what it runs, and which images the engines' names mean there. */
  public static async of(cells: readonly Cell[], storageClassName: string): Promise<Bases> {
    const images = new Map(
      cells.flatMap(({ drivers }) => drivers).map((driver) => [driver, imagesOf(driver, storageClassName)]),
    );
    const { serverVersion } = JSON.parse(await run('kubectl', ['version', '-o', 'json'])) as {
      serverVersion: { gitVersion: string };
    };
    return new Bases(serverVersion.gitVersion, images, await imageIds([...new Set([...images.values()].flat())]));
  }

  /**
   * Made of the modules and scripts that the cell is made from, the images that it runs, and what it says itself. A row
   * of one engine rests on what the library makes of its options, and not on how: its modules count only where the row
   * itself imports them.
   */
  public async of(cell: Cell): Promise<Basis> {
    const { what, drivers, more } = cell;
    const check = what as Partial<Check>;
    const images = drivers.flatMap((driver) => this.images.get(driver) ?? []).map((name) => [name, this.ids.get(name)]);
    const parts = hashed(
      JSON.stringify([[...this.modulesOf(cell)], images, this.kubernetes, more, await check.basis?.()]),
    );
    const [driver] = drivers;
    return {
      of: (made) => hashed(JSON.stringify([parts, ...made.map((text) => [text, this.manifestHash(driver, text)])])),
    };
  }

  private modulesOf({ what, drivers, restsOnManifests }: Cell): ReadonlyMap<string, string> {
    const file = fileOf((what as Partial<Check>).madeBy ?? what);
    const ofDrivers = drivers.map((driver) => fileOf(driver.constructor));
    if (!restsOnManifests) return this.whole.of([file, ...ofDrivers]);
    const own = this.whole.importsOf(file).filter((path) => path.startsWith(join(REPOSITORY, 'lib')));
    return new Map([...this.withoutLibrary.of([file, ...ofDrivers]), ...this.whole.of(own)]);
  }

  private manifestHash(driver: Driver, text: string): string {
    const key = `${driver.name} ${text}`;
    const hash = this.manifests.get(key) ?? manifestHash(driver, text);
    this.manifests.set(key, hash);
    return hash;
  }
}

/**
 * The module that exports it, by itself or in a list; of several lists the shortest, as a list of all is made of what
 * others export.
 */
export function fileOf(exported: object, modules: NodeJS.Dict<NodeModule> = require.cache): string {
  // Ours are none of the packages', whose exports may do something when they are looked at.
  const own = Object.values(modules)
    .filter((module) => module !== undefined)
    .filter(({ filename }) => filename.startsWith(`${REPOSITORY}/test/`));
  const lengths = own.flatMap(({ filename, exports }) =>
    Object.values((exports ?? {}) as object).flatMap((value: unknown) => {
      const isIt = value === exported || (Array.isArray(value) && value.includes(exported));
      return isIt ? [{ filename, length: Array.isArray(value) ? value.length : 0 }] : [];
    }),
  );
  if (lengths.length === 0) {
    throw new Error(
      'a row, a check or a driver is not exported by the module that makes it, so what it rests on cannot be told',
    );
  }
  return lengths.reduce((one, other) => (other.length < one.length ? other : one)).filename;
}
