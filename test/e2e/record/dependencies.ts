import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { factsOf, ModuleFacts } from './module-facts';

/** Made by others, or of no use to what runs. */
const NOT_OURS = ['node_modules', 'dist'];

/**
 * What a part of the project rests on: the modules that it imports, and they in turn, the folders of scripts that these
 * read, and the packages with their versions. A name that is imported through a module which only passes on,
 * `lib/index.ts`, leads to the module that has it.
 */
export class Dependencies {
  private readonly known = new Map<string, ModuleFacts>();
  private readonly hashes = new Map<string, string>();

  /**
   * @param root the repository: a module that names all of it reads none of it in particular
   * @param isSeam whether what a module is, or what it imports, is left out here, as something else tells what it
   * amounts to
   */
  constructor(
    private readonly root: string,
    private readonly isSeam: (name: string) => boolean = () => false,
  ) {}

  /** The names of all files from the root on, and of packages, each with a hash of what it is today; in order. */
  public of(files: readonly string[]): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    files.forEach((file) => this.follow(file, found));
    return new Map([...found].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** The modules of this project that have what a module itself imports. */
  public importsOf(path: string): string[] {
    return this.facts(path)
      .imports.filter(({ isPackage }) => !isPackage)
      .flatMap(({ from, names }) => names?.map((name) => this.ownerOf(from, name) ?? from) ?? [from]);
  }

  private follow(path: string, found: Map<string, string>): void {
    const name = relative(this.root, path);
    if (found.has(name) || this.isSeam(name)) {
      return;
    }
    if (!/\.[jt]s$/.test(path)) {
      found.set(name, this.hashOf(path));
      return;
    }
    const facts = this.facts(path);
    found.set(name, this.hashOf(path));
    for (const { from, isPackage, names } of facts.imports) {
      if (isPackage) {
        found.set(from, this.versionOf(from));
      } else {
        this.followNames(from, names, found);
      }
    }
    for (const { from, names } of facts.passedOn) {
      this.followNames(from, names && [...names.values()], found);
    }
    facts.paths.forEach((read) => this.read(read, found));
  }

  private followNames(path: string, names: readonly string[] | undefined, found: Map<string, string>): void {
    const owners = names?.map((name) => this.ownerOf(path, name));
    if (owners === undefined || owners.includes(undefined)) {
      this.follow(path, found);
    }
    owners?.forEach((owner) => owner !== undefined && this.follow(owner, found));
  }

  /** The module that has this of its own; undefined if it cannot be told. */
  private ownerOf(path: string, name: string): string | undefined {
    if (!/\.[jt]s$/.test(path)) {
      return path;
    }
    const { isBarrel, declared, passedOn } = this.facts(path);
    if (!isBarrel || declared.has(name)) {
      return path;
    }
    for (const { from, names } of passedOn) {
      const there = names === undefined ? name : names.get(name);
      if (there !== undefined) {
        const owner = this.ownerOf(from, there);
        if (owner !== undefined && this.has(owner, there)) {
          return owner;
        }
      }
    }
    return undefined;
  }

  private has(path: string, name: string): boolean {
    const { declared, passedOn } = this.facts(path);
    return declared.has(name) || passedOn.some(({ names }) => names === undefined || names.has(name));
  }

  /** A file, or all that is in a folder. */
  private read(path: string, found: Map<string, string>): void {
    if (relative(this.root, path) === '' || !existsSync(path)) {
      return;
    }
    if (statSync(path).isFile()) {
      found.set(relative(this.root, path), this.hashOf(path));
      return;
    }
    for (const name of readdirSync(path)) {
      if (!NOT_OURS.includes(name) && !name.startsWith('.')) {
        this.read(join(path, name), found);
      }
    }
  }

  private facts(path: string): ModuleFacts {
    const facts = this.known.get(path) ?? factsOf(path);
    this.known.set(path, facts);
    return facts;
  }

  private hashOf(path: string): string {
    const hash = this.hashes.get(path) ?? hashed(/\.[jt]s$/.test(path) ? this.facts(path).code : readFileSync(path));
    this.hashes.set(path, hash);
    return hash;
  }

  private versionOf(name: string): string {
    return (
      JSON.parse(readFileSync(join(this.root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }
    ).version;
  }
}

/** Short, and as good as none is like another. */
export function hashed(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
