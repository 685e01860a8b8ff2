import { createHash } from 'node:crypto';
import { claimsOf, ClaimFacts, dataContainer } from './claims';
import { credentialsOf, withoutLiterals } from './credentials';
import { dataSettingsOf, initScriptsOf, layoutOf, ownSettingsOf } from './data-settings';
import { compareVersions, ImageFacts, imageFacts } from '../../values/images';
import { at, canonical, listAt, numberAt, objectAt, textAt, textsAt } from '../../values/json';
import { idOf, Manifest, Manifests } from './manifests';

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

/** The label that the library's own selectors have. */
const OWN_LABEL = 'cdk8s-stateful/name';

/** Whether this library made it: every pod above 0 holds a copy of the whole. */
export function isOwn(facts: SetFacts): boolean {
  return at(facts.selector, 'matchLabels', OWN_LABEL) !== undefined;
}

/** The facts of one StatefulSet, with the ConfigMaps that are beside it. */
export function setFacts(set: Manifest, manifests: Manifests): SetFacts {
  const spec = objectAt(set.object, 'spec');
  const pod = objectAt(spec, 'template', 'spec');
  const container = dataContainer(spec);
  const image = imageFacts(textAt(container, 'image') ?? '');
  const claims = claimsOf(spec, manifests.ofKind('StorageClass').map(({ object }) => object));
  const own = textAt(spec, 'selector', 'matchLabels', OWN_LABEL) !== undefined;
  const labels = own ? textsAt(set.object, 'metadata', 'labels') : {};
  return {
    name: set.name,
    namespace: set.namespace,
    engine: own ? engineOf(container, labels, image) : image.engine,
    version: own ? versionOf(labels, image) : versionInUse(container, image),
    image: image.name,
    isAlpine: image.isAlpine,
    release: image.release,
    storage: Object.keys(claims).length > 0 ? 'volumes' : own ? 'ephemeral' : 'none',
    replicas: numberAt(spec, 'replicas') ?? 1,
    firstOrdinal: numberAt(spec, 'ordinals', 'start') ?? 0,
    selector: objectAt(spec, 'selector'),
    serviceName: textAt(spec, 'serviceName') ?? '',
    podManagementPolicy: textAt(spec, 'podManagementPolicy') ?? 'OrderedReady',
    claims,
    whenDeleted: textAt(spec, 'persistentVolumeClaimRetentionPolicy', 'whenDeleted') ?? 'Retain',
    whenScaled: textAt(spec, 'persistentVolumeClaimRetentionPolicy', 'whenScaled') ?? 'Retain',
    dataSettings: dataSettingsOf(container, pod, set, manifests),
    layout: layoutOf(container, pod, set, manifests),
    runAsUser: numberAt(container, 'securityContext', 'runAsUser') ?? numberAt(pod, 'securityContext', 'runAsUser'),
    fsGroup: numberAt(pod, 'securityContext', 'fsGroup'),
    gracePeriod: numberAt(pod, 'terminationGracePeriodSeconds') ?? 30,
    isOnDelete: textAt(spec, 'updateStrategy', 'type') === 'OnDelete',
    credentials: credentialsOf(container, pod),
    settings: own ? ownSettingsOf(container, pod, set, manifests) : undefined,
    initScripts: initScriptsOf(pod, set, manifests),
    podTemplate: createHash('sha256').update(canonical(withoutLiterals(at(spec, 'template')))).digest('hex').slice(0, 16),
  };
}

/** The label is the library's unless somebody gave another; the server's container is called by its engine's name. */
function engineOf(container: unknown, labels: { readonly [label: string]: string }, image: ImageFacts): string | undefined {
  const [label, name] = [labels['app.kubernetes.io/name'], textAt(container, 'name')];
  return label === name ? label : image.engine ?? label;
}

/** An official image is what its tag says, whatever a label says of it. */
function versionOf(labels: { readonly [label: string]: string }, { name, engine, version }: ImageFacts): string | undefined {
  const label = labels['app.kubernetes.io/version'];
  return label === undefined || (name === engine && version !== undefined && Number.parseInt(version) < A_YEAR && compareVersions(label, version) !== 0) ? version : label;
}

/** Tags of some mirrors are dates. */
const A_YEAR = 1000;

/** Spilo has several versions in one image. */
function versionInUse(container: unknown, image: ImageFacts): string | undefined {
  const chosen = listAt(container, 'env').find((variable) => textAt(variable, 'name') === 'PGVERSION');
  return image.engine === 'postgres' ? textAt(chosen, 'value') ?? image.version : image.version;
}

/** All StatefulSets of a state of a repository, by their ids. */
export function setsOf(manifests: Manifests): Map<string, SetFacts> {
  return new Map(manifests.ofKind('StatefulSet').map((set) => [idOf(set), setFacts(set, manifests)]));
}

/** The id of a set, as in findings. */
export function setId(facts: Pick<SetFacts, 'name' | 'namespace'>): string {
  return idOf({ kind: 'StatefulSet', ...facts });
}

/** Names of the claims of some of a set's pods, as `data-orders-2`. */
export function claimNamesOf(facts: SetFacts, from: number, to: number): string[] {
  const ordinals = Array.from({ length: Math.max(0, to - from) }, (_, i) => facts.firstOrdinal + from + i);
  return ordinals.flatMap((ordinal) => Object.keys(facts.claims).map((claim) => `${claim}-${facts.name}-${ordinal}`));
}

/** Names as a line about them has room for: all of a few, else the first two and the last. */
export function inShort(names: string[]): string {
  return names.length > 3 ? `${names.slice(0, 2).join(', ')} ... ${names[names.length - 1]}` : names.join(', ');
}
