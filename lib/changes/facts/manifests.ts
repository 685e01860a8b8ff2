import { readFileSync, readdirSync, statSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { isObject, JsonObject, listAt, stringAt } from '../../values/json';
import { readDocuments } from './yaml';

/** An object of a cluster, and where it was found. */
export interface Manifest {
  readonly kind: string;
  readonly name: string;
  /** Not there for kinds without one, and for manifests that leave it to whoever applies them. */
  readonly namespace?: string;
  readonly object: JsonObject;
  readonly file?: string;
  readonly line?: number;
}

/** All objects of one state of a repository. */
export class Manifests {
  /** Reads a file, or all `.yaml`, `.yml` and `.json` files of a folder and the folders in it, but for hidden ones and `node_modules`. */
  public static read(path: string): Manifests {
    return this.readAll(listFiles(path));
  }

  /** Reads files. */
  public static readAll(files: readonly string[]): Manifests {
    return new Manifests(files.flatMap((file) => parse(readFileSync(file, 'utf8'), file)));
  }

  /** Reads the text of a file. */
  public static parse(text: string): Manifests {
    return new Manifests(parse(text));
  }

  /** Takes objects that are parsed already. */
  public static of(objects: unknown[]): Manifests {
    return new Manifests(objects.flatMap((object) => toManifests(object, {})));
  }

  private readonly byId: ReadonlyMap<string, Manifest>;
  private readonly byKind = new Map<string, Manifest[]>();

  private constructor(list: Manifest[]) {
    this.byId = new Map(list.map((manifest) => [resourceId(manifest), manifest]));
    for (const manifest of this.byId.values()) {
      const ofKind = this.byKind.get(manifest.kind);
      if (ofKind === undefined) this.byKind.set(manifest.kind, [manifest]);
      else ofKind.push(manifest);
    }
  }

  /** All of them, in the order of the files. */
  public all(): Manifest[] {
    return [...this.byId.values()];
  }

  /** Those of one kind, in the order of the files. */
  public ofKind(kind: string): readonly Manifest[] {
    return this.byKind.get(kind) ?? [];
  }

  /** The object of that kind and name, in the namespace of another. */
  public find(kind: string, name: string, namespace: string | undefined): Manifest | undefined {
    return this.byId.get(resourceId({ kind, name, namespace }));
  }

  /** The same object in another state of the repository. */
  public counterpart(manifest: Manifest): Manifest | undefined {
    return this.byId.get(resourceId(manifest));
  }
}

const CLUSTER_WIDE = ['Namespace', 'StorageClass', 'PersistentVolume'];

/** For example `StatefulSet/default/orders`, `Namespace//shop`. */
export function resourceId({ kind, name, namespace }: Pick<Manifest, 'kind' | 'name' | 'namespace'>): string {
  return `${kind}/${CLUSTER_WIDE.includes(kind) ? '' : namespace ?? 'default'}/${name}`;
}

/** What tools keep in a repository for themselves. */
const NOBODYS_MANIFESTS = /(^|[\\/])(node_modules|\.[^\\/]+)[\\/]/;

function listFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' }) // names, as the entries of Node 20.0 do not know their folder
    .map((name) => join(path, name))
    .filter((file) => ['.yaml', '.yml', '.json'].includes(extname(file)) && !NOBODYS_MANIFESTS.test(relative(path, file)))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile()) // a link to a file is one
    .sort();
}

function parse(text: string, file?: string): Manifest[] {
  try {
    return readDocuments(text).flatMap(({ content, line }) => toManifests(content, { file, line }));
  } catch (error) {
    const hint = text.includes('{{') ? '; templates must be rendered first (helm template)' : '';
    throw new Error(`cannot read ${file ?? 'the manifests'}: ${(error as Error).message}${hint}`);
  }
}

/** Others have kinds of the same names, as a Service of Knative or a StatefulSet of OpenKruise, that mean something else. */
const OF_KUBERNETES = /^([a-z0-9.-]+\.k8s\.io\/|[a-z0-9-]+\/)?v[a-z0-9]+$/;

/** A document may be a list of objects, as `kubectl get -o yaml` prints them; and a folder has files that are no manifests. */
function toManifests(content: unknown, place: Pick<Manifest, 'file' | 'line'>): Manifest[] {
  const [kind, apiVersion] = [stringAt(content, 'kind'), stringAt(content, 'apiVersion')];
  if (!isObject(content) || kind === undefined || apiVersion === undefined || !OF_KUBERNETES.test(apiVersion)) return [];
  if (kind.endsWith('List') && Array.isArray(content.items)) {
    return listAt(content, 'items').flatMap((item) => toManifests(item, place));
  }
  const name = stringAt(content, 'metadata', 'name');
  return name === undefined ? [] : [{ kind, name, namespace: stringAt(content, 'metadata', 'namespace'), object: content, ...place }];
}
