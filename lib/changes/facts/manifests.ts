import { readFileSync, readdirSync, statSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { isObject, JsonObject, listAt, stringAt } from '../../values/json';
import { readDocuments } from './yaml';

/** A Kubernetes object, and where it was found. */
export interface Manifest {
  readonly kind: string;
  readonly name: string;
  /** Missing for cluster-wide kinds, and in manifests that leave the namespace to the deployment tool. */
  readonly namespace?: string;
  readonly object: JsonObject;
  readonly file?: string;
  /** The path of the file in the folder that was read, with `/` on every system. */
  readonly path?: string;
  readonly line?: number;
}

/** All objects of one state of a repository. */
export class Manifests {
  /**
   * Reads a file, or all `.yaml`, `.yml` and `.json` files below a folder, except in hidden folders and `node_modules`.
   */
  public static read(path: string): Manifests {
    return this.readFiles(listFiles(path), path);
  }

  /** Reads the files of a folder. */
  public static readFiles(files: readonly string[], folder: string): Manifests {
    return new Manifests(
      files.flatMap((file) =>
        parse(readFileSync(file, 'utf8'), { file, path: relative(folder, file).replaceAll('\\', '/') }),
      ),
    );
  }

  /** Reads YAML or JSON. */
  public static parse(text: string): Manifests {
    return new Manifests(parse(text));
  }

  /** Takes objects that were parsed already. */
  public static of(objects: unknown[]): Manifests {
    return new Manifests(objects.flatMap((object) => toManifests(object, {})));
  }

  private readonly byId: ReadonlyMap<string, Manifest>;
  private readonly byKind = new Map<string, Manifest[]>();

  private constructor(private readonly list: readonly Manifest[]) {
    this.byId = new Map(list.map((manifest) => [resourceId(manifest), manifest]));
    for (const manifest of this.byId.values()) {
      const ofKind = this.byKind.get(manifest.kind);
      if (ofKind === undefined) this.byKind.set(manifest.kind, [manifest]);
      else ofKind.push(manifest);
    }
  }

  /**
   * All objects, in the order of the files. Of those with the same id only the last one, as it is when they are
   * applied.
   */
  public all(): Manifest[] {
    return [...this.byId.values()];
  }

  /** Those of one kind, in the order of the files. */
  public ofKind(kind: string): readonly Manifest[] {
    return this.byKind.get(kind) ?? [];
  }

  /** The object of a kind, name and namespace. */
  public find(kind: string, name: string, namespace: string | undefined): Manifest | undefined {
    return this.byId.get(resourceId({ kind, name, namespace }));
  }

  /** The same object in another state of the repository. */
  public counterpart(manifest: Manifest): Manifest | undefined {
    return this.byId.get(resourceId(manifest));
  }

  /** Whether two files of one group define the same StatefulSet. */
  public hasTwins(key: (path: string) => string): boolean {
    const paths = new Map<string, string>();
    return this.list
      .filter(({ kind }) => kind === 'StatefulSet')
      .some((manifest) => {
        const { path = '' } = manifest;
        const id = `${key(path)} ${resourceId(manifest)}`;
        const other = paths.get(id);
        paths.set(id, path);
        return other !== undefined && other !== path;
      });
  }

  /** Groups all objects by their files. */
  public groupBy(key: (path: string) => string): Map<string, Manifests> {
    const groups = new Map<string, Manifest[]>();
    for (const manifest of this.list) {
      const name = key(manifest.path ?? '');
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [manifest]);
      else group.push(manifest);
    }
    return new Map([...groups].map(([name, list]) => [name, new Manifests(list)]));
  }
}

const CLUSTER_WIDE = ['Namespace', 'StorageClass', 'PersistentVolume'];

/** For example `StatefulSet/default/orders`, `Namespace//shop`. */
export function resourceId({ kind, name, namespace }: Pick<Manifest, 'kind' | 'name' | 'namespace'>): string {
  return `${kind}/${CLUSTER_WIDE.includes(kind) ? '' : (namespace ?? 'default')}/${name}`;
}

/** Files that tools keep in a repository for themselves. */
const IGNORED = /(^|[\\/])(node_modules|\.[^\\/]+)[\\/]/;

function listFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' }) // names, as the entries of Node 20.0 do not know their folder
    .map((name) => join(path, name))
    .filter((file) => ['.yaml', '.yml', '.json'].includes(extname(file)) && !IGNORED.test(relative(path, file)))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile()) // a link to a file is one
    .sort();
}

function parse(text: string, place: Pick<Manifest, 'file' | 'path'> = {}): Manifest[] {
  try {
    return readDocuments(text).flatMap(({ content, line }) => toManifests(content, { ...place, line }));
  } catch (error) {
    const hint = text.includes('{{') ? '; templates must be rendered first (helm template)' : '';
    throw new Error(`cannot read ${place.file ?? 'the manifests'}: ${(error as Error).message}${hint}`);
  }
}

/** Custom resources can share a kind's name: Knative has its own Service, OpenKruise its own StatefulSet. */
const OF_KUBERNETES = /^([a-z0-9.-]+\.k8s\.io\/|[a-z0-9-]+\/)?v[a-z0-9]+$/;

/** A document may be a list of objects, as printed by `kubectl get -o yaml`, or not a manifest at all. */
function toManifests(content: unknown, place: Pick<Manifest, 'file' | 'path' | 'line'>): Manifest[] {
  const [kind, apiVersion] = [stringAt(content, 'kind'), stringAt(content, 'apiVersion')];
  if (!isObject(content) || kind === undefined || apiVersion === undefined || !OF_KUBERNETES.test(apiVersion))
    return [];
  if (kind.endsWith('List') && Array.isArray(content.items)) {
    return listAt(content, 'items').flatMap((item) => toManifests(item, place));
  }
  const name = stringAt(content, 'metadata', 'name');
  return name === undefined
    ? []
    : [{ kind, name, namespace: stringAt(content, 'metadata', 'namespace'), object: content, ...place }];
}
