import { digest } from '../../values/digest';
import { ImageFacts, parseImage } from '../../values/images';
import { at, canonicalJson, listAt, numberAt, objectAt, stringAt, stringMapAt } from '../../values/json';
import { NAME_LABEL } from '../../values/labels';
import { compareVersions } from '../../values/versions';
import { ClaimFacts, findDataContainer, readClaims } from './claims';
import { digestInitScripts, readDataSettings, readLayout, readScriptSettings } from './data-settings';
import { Manifest, Manifests, resourceId } from './manifests';
import { readPasswordSources, withoutLiterals } from './password-sources';

/** Where a system's data is: on claimed volumes, or nowhere but in its pods. */
export type StorageFacts = 'volumes' | 'ephemeral' | 'none';

/**
 * What of a StatefulSet decides whether its data survives a change. This is what the rules compare, and what the lock keeps.
 */
export interface SetFacts {
  readonly name: string;
  readonly namespace?: string;
  /** The database: as the library's own labels say, or as far as the image's name tells. */
  readonly engine?: string;
  readonly version?: string;
  /** The image's name without registry and tag: which of two sets could be the same one. */
  readonly image?: string;
  /** Nothing where an image is named by its digest alone. */
  readonly isAlpine?: boolean;
  /** The release of the distribution, where the image's tag says it. */
  readonly release?: string;
  readonly storage: StorageFacts;
  readonly replicas: number;
  readonly firstOrdinal: number;
  readonly selector: unknown;
  readonly serviceName: string;
  readonly podManagementPolicy: string;
  readonly claims: { readonly [name: string]: ClaimFacts };
  readonly whenDeleted: string;
  readonly whenScaled: string;
  /** Settings that say where on the volume the data is, by variable or option. */
  readonly dataSettings: { readonly [setting: string]: string };
  /** Settings that count only when the data is made. */
  readonly layout: { readonly [setting: string]: string };
  readonly runAsUser?: number;
  readonly fsGroup?: number;
  readonly gracePeriod: number;
  /** Whether pods of a former template stay until somebody deletes them. */
  readonly isOnDelete: boolean;
  /** Where each password comes from. */
  readonly credentials: { readonly [use: string]: string };
  /** Of a set of this library, what its scripts know: `port`, `database`, `user`. */
  readonly settings?: { readonly [name: string]: string };
  /** A digest of the scripts that run when the data is made. */
  readonly initScripts?: string;
  /** A digest of the pods' template without passwords: if it changes, they restart. */
  readonly podTemplate: string;
}

/** StatefulSets by their ids, as they are in one state of a repository or of the lock. */
export type Sets = ReadonlyMap<string, SetFacts>;

/** Whether this library made it: every pod above 0 holds a copy of the whole. */
export function isOwn(facts: SetFacts): boolean {
  return at(facts.selector, 'matchLabels', NAME_LABEL) !== undefined;
}

/** The facts of one StatefulSet, with the ConfigMaps that are beside it. */
export function readSetFacts(set: Manifest, manifests: Manifests): SetFacts {
  const spec = objectAt(set.object, 'spec');
  const pod = objectAt(spec, 'template', 'spec');
  const container = findDataContainer(spec);
  const image = parseImage(stringAt(container, 'image') ?? '');
  const claims = readClaims(spec, manifests.ofKind('StorageClass').map(({ object }) => object));
  const own = stringAt(spec, 'selector', 'matchLabels', NAME_LABEL) !== undefined;
  const labels = own ? stringMapAt(set.object, 'metadata', 'labels') : {};
  return {
    name: set.name,
    namespace: set.namespace,
    engine: own ? detectEngine(container, labels, image) : image.engine,
    version: own ? detectVersion(labels, image) : detectForeignVersion(container, image),
    image: image.name,
    isAlpine: image.isAlpine,
    release: image.release,
    storage: Object.keys(claims).length > 0 ? 'volumes' : own ? 'ephemeral' : 'none',
    replicas: numberAt(spec, 'replicas') ?? 1,
    firstOrdinal: numberAt(spec, 'ordinals', 'start') ?? 0,
    selector: objectAt(spec, 'selector'),
    serviceName: stringAt(spec, 'serviceName') ?? '',
    podManagementPolicy: stringAt(spec, 'podManagementPolicy') ?? 'OrderedReady',
    claims,
    whenDeleted: stringAt(spec, 'persistentVolumeClaimRetentionPolicy', 'whenDeleted') ?? 'Retain',
    whenScaled: stringAt(spec, 'persistentVolumeClaimRetentionPolicy', 'whenScaled') ?? 'Retain',
    dataSettings: readDataSettings(container, pod, set, manifests),
    layout: readLayout(container, pod, set, manifests),
    runAsUser: numberAt(container, 'securityContext', 'runAsUser') ?? numberAt(pod, 'securityContext', 'runAsUser'),
    fsGroup: numberAt(pod, 'securityContext', 'fsGroup'),
    gracePeriod: numberAt(pod, 'terminationGracePeriodSeconds') ?? 30,
    isOnDelete: stringAt(spec, 'updateStrategy', 'type') === 'OnDelete',
    credentials: readPasswordSources(container, pod),
    settings: own ? readScriptSettings(container, pod, set, manifests) : undefined,
    initScripts: digestInitScripts(pod, set, manifests),
    podTemplate: digest(canonicalJson(withoutLiterals(at(spec, 'template')))),
  };
}

/** The label is the library's unless somebody gave another; the server's container is called by its engine's name. */
function detectEngine(container: unknown, labels: { readonly [label: string]: string }, image: ImageFacts): string | undefined {
  const [label, name] = [labels['app.kubernetes.io/name'], stringAt(container, 'name')];
  return label === name ? label : image.engine ?? label;
}

/** An official image is what its tag says, whatever a label says of it. */
function detectVersion(labels: { readonly [label: string]: string }, { name, engine, version }: ImageFacts): string | undefined {
  const label = labels['app.kubernetes.io/version'];
  return label === undefined || (name === engine && version !== undefined && Number.parseInt(version) < A_YEAR && compareVersions(label, version) !== 0) ? version : label;
}

/** Tags of some mirrors are dates. */
const A_YEAR = 1000;

/** Spilo has several versions in one image. */
function detectForeignVersion(container: unknown, image: ImageFacts): string | undefined {
  const chosen = listAt(container, 'env').find((variable) => stringAt(variable, 'name') === 'PGVERSION');
  return image.engine === 'postgres' ? stringAt(chosen, 'value') ?? image.version : image.version;
}

/** All StatefulSets of a state of a repository, by their ids. */
export function readSets(manifests: Manifests): Map<string, SetFacts> {
  return new Map(manifests.ofKind('StatefulSet').map((set) => [resourceId(set), readSetFacts(set, manifests)]));
}

/** The id of a set, as in findings. */
export function setResourceId(facts: Pick<SetFacts, 'name' | 'namespace'>): string {
  return resourceId({ kind: 'StatefulSet', ...facts });
}

/** Names of the claims of some of a set's pods, as `data-orders-2`. */
export function pvcNames(facts: SetFacts, from: number, to: number): string[] {
  const ordinals = Array.from({ length: Math.max(0, to - from) }, (_, i) => facts.firstOrdinal + from + i);
  return ordinals.flatMap((ordinal) => Object.keys(facts.claims).map((claim) => `${claim}-${facts.name}-${ordinal}`));
}

/** Names as a line about them has room for: all of a few, else the first two and the last. */
export function abbreviate(names: string[]): string {
  return names.length > 3 ? `${names.slice(0, 2).join(', ')} ... ${names[names.length - 1]}` : names.join(', ');
}
