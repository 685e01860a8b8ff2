import { digest } from '../../values/digest';
import { ImageFacts, parseImage } from '../../values/images';
import { at, canonicalJson, listAt, numberAt, objectAt, stringAt, stringMapAt } from '../../values/json';
import { NAME_LABEL } from '../../values/labels';
import { compareVersions } from '../../values/versions';
import { BackupFacts, readStoreFacts } from './backups';
import { ClaimFacts, findDataContainer, readClaims } from './claims';
import { digestInitScripts, readDataSettings, readLayout, readScriptSettings } from './data-settings';
import { Manifest, Manifests, resourceId } from './manifests';
import { readPasswordSources, withoutLiterals } from './password-sources';

/** Where a system keeps its data: on claimed volumes, only in its pods, or not at all. */
export type StorageFacts = 'volumes' | 'ephemeral' | 'none';

/**
 * The facts about a StatefulSet that decide whether its data survives a change: what the rules compare, and what the
 * lock stores.
 */
export interface SetFacts {
  readonly name: string;
  readonly namespace?: string;
  /** The database, according to this library's labels, or to the name of the image. */
  readonly engine?: string;
  readonly version?: string;
  /** The image's name without registry and tag: it tells whether a new set could be a renamed one. */
  readonly image?: string;
  /** Not known if the image is only named by digest. */
  readonly isAlpine?: boolean;
  /** The release of the distribution, if the image's tag names it. */
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
  /** Settings that say where the data is on the volume, by variable or option. */
  readonly dataSettings: { readonly [setting: string]: string };
  /** Settings that only take effect when the database is initialised. */
  readonly layout: { readonly [setting: string]: string };
  readonly runAsUser?: number;
  readonly fsGroup?: number;
  readonly gracePeriod: number;
  /** Whether pods of a previous template stay until they are deleted. */
  readonly isOnDelete: boolean;
  /** Where each password comes from. */
  readonly credentials: { readonly [use: string]: string };
  /** Settings of this library's scripts: `port`, `database`, `user`. */
  readonly settings?: { readonly [name: string]: string };
  /** Where a set of this library is backed up to, and how. */
  readonly backup?: BackupFacts;
  /** Whose backups a set of this library begins with, where it has no data, and as of when. */
  readonly restoreFrom?: string;
  /** A digest of the scripts that run when the database is initialised. */
  readonly initScripts?: string;
  /** A digest of the pod template without passwords: if it changes, the pods restart. */
  readonly podTemplate: string;
}

/** StatefulSets by their ids, as they are in one state of a repository or of the lock. */
export type Sets = ReadonlyMap<string, SetFacts>;

/** Whether it is a set of this library, in which every pod above 0 holds a full copy of the data. */
export function isOwn(facts: SetFacts): boolean {
  return at(facts.selector, 'matchLabels', NAME_LABEL) !== undefined;
}

/** The facts of one StatefulSet, including the ConfigMaps that it mounts. */
export function readSetFacts(set: Manifest, manifests: Manifests): SetFacts {
  const spec = objectAt(set.object, 'spec');
  const pod = objectAt(spec, 'template', 'spec');
  const container = findDataContainer(spec);
  const image = parseImage(stringAt(container, 'image') ?? '');
  const claims = readClaims(
    spec,
    manifests.ofKind('StorageClass').map(({ object }) => object),
  );
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
    ...(own && readStoreFacts(container, pod, set, manifests)),
    initScripts: digestInitScripts(pod, set, manifests),
    podTemplate: digest(canonicalJson(withoutLiterals(at(spec, 'template')))),
  };
}

/** The label is this library's unless it was overridden; the server's container is always named after the engine. */
function detectEngine(
  container: unknown,
  labels: { readonly [label: string]: string },
  image: ImageFacts,
): string | undefined {
  const [label, name] = [labels['app.kubernetes.io/name'], stringAt(container, 'name')];
  return label === name ? label : (image.engine ?? label);
}

/** For an official image the tag counts, whatever the label says. */
function detectVersion(
  labels: { readonly [label: string]: string },
  { name, engine, version }: ImageFacts,
): string | undefined {
  const label = labels['app.kubernetes.io/version'];
  return label === undefined ||
    (name === engine &&
      version !== undefined &&
      Number.parseInt(version) < A_YEAR &&
      compareVersions(label, version) !== 0)
    ? version
    : label;
}

/** The tags of some mirrors are dates. */
const A_YEAR = 1000;

/** Spilo's image contains several versions of PostgreSQL. */
function detectForeignVersion(container: unknown, image: ImageFacts): string | undefined {
  const chosen = listAt(container, 'env').find((variable) => stringAt(variable, 'name') === 'PGVERSION');
  return image.engine === 'postgres' ? (stringAt(chosen, 'value') ?? image.version) : image.version;
}

/** All StatefulSets among the manifests, by their ids. */
export function readSets(manifests: Manifests): Map<string, SetFacts> {
  return new Map(manifests.ofKind('StatefulSet').map((set) => [resourceId(set), readSetFacts(set, manifests)]));
}

/** The id of a set, as in findings. */
export function setResourceId(facts: Pick<SetFacts, 'name' | 'namespace'>): string {
  return resourceId({ kind: 'StatefulSet', ...facts });
}

/** Names of the PVCs of a range of a set's pods, such as `data-orders-2`. */
export function pvcNames(facts: SetFacts, from: number, to: number): string[] {
  const ordinals = Array.from({ length: Math.max(0, to - from) }, (_, i) => facts.firstOrdinal + from + i);
  return ordinals.flatMap((ordinal) => Object.keys(facts.claims).map((claim) => `${claim}-${facts.name}-${ordinal}`));
}

/** Names in short: all of a few, otherwise the first two and the last. */
export function abbreviate(names: string[]): string {
  return names.length > 3 ? `${names.slice(0, 2).join(', ')} ... ${names[names.length - 1]}` : names.join(', ');
}
