import { ARGO_CD_SYNC_OPTIONS, FLUX_PRUNE, HELM_RESOURCE_POLICY } from '../../values/deployment-tools';
import { at, canonicalJson, isEqual, objectAt, stringAt, stringMapAt } from '../../values/json';
import { NAME_LABEL } from '../../values/labels';
import { parseQuantity } from '../../values/quantity';
import { passphraseSources, withoutStoreKeys } from '../facts/backups';
import { Manifest, Manifests, resourceId } from '../facts/manifests';
import { secretNames } from '../facts/password-sources';
import { Finding, FindingLevel } from '../finding';

/** Other objects that the data of StatefulSets depends on. */
export function otherObjects(before: Manifests, after: Manifests): Finding[] {
  return [
    ...before.ofKind('Namespace').flatMap((namespace) => namespaceRemoved(namespace, after)),
    ...before.ofKind('PersistentVolumeClaim').flatMap((claim) => claimChanged(claim, after)),
    ...before.ofKind('StorageClass').flatMap((storageClass) => storageClassChanged(storageClass, after)),
    ...servicesChanged(before, after),
    ...secretsChanged(before, after),
    ...after.ofKind('StatefulSet').flatMap((set) => selectorMismatch(set, before)),
  ];
}

function namespaceRemoved(namespace: Manifest, after: Manifests): Finding[] {
  if (after.counterpart(namespace) !== undefined || isKept(namespace)) return [];
  return [
    {
      rule: 'namespace-removed',
      level: FindingLevel.ERROR,
      resource: resourceId(namespace),
      reason: 'deleting a namespace deletes everything in it, including every PVC',
      remedy: 'restore it; delete what is in it object by object first, then the namespace',
    },
  ];
}

/** Annotations by which deployment tools keep an object that was removed from the repository. */
const KEPT: [annotation: string, value: RegExp][] = [
  [ARGO_CD_SYNC_OPTIONS, /Prune=false/],
  [HELM_RESOURCE_POLICY, /^keep$/],
  [FLUX_PRUNE, /^disabled$/],
];

function isKept({ object }: Manifest): boolean {
  const annotations = stringMapAt(object, 'metadata', 'annotations');
  return KEPT.some(([annotation, value]) => value.test(annotations[annotation] ?? ''));
}

function claimChanged(claim: Manifest, after: Manifests): Finding[] {
  const now = after.counterpart(claim);
  const about = { resource: resourceId(claim) };
  if (now === undefined) {
    if (isKept(claim)) return [];
    return [
      {
        ...about,
        rule: 'claim-removed',
        level: FindingLevel.ERROR,
        reason: 'a tool that prunes deletes the PVC, and with it the volume if the reclaim policy is Delete',
        remedy: 'restore it; or have the deployment tool keep it by an annotation (Prune=false, resource-policy: keep)',
      },
    ];
  }
  const findings: Finding[] = ['storageClassName', 'accessModes', 'volumeName', 'volumeMode'].flatMap(
    (field): Finding[] => {
      const [old, wanted] = [fieldOrDefault(claim, field), fieldOrDefault(now, field)];
      // A bound claim has a volumeName that its manifest need not name.
      if (isEqual(old, wanted) || (field === 'volumeName' && (old === undefined || wanted === undefined))) return [];
      return [
        {
          ...about,
          rule: 'claim-changed',
          level: FindingLevel.ERROR,
          field: `spec.${field}`,
          before: displayValue(old),
          after: displayValue(wanted),
          reason: 'Kubernetes does not allow this field of an existing PVC to change',
          remedy: 'restore it; or create a second PVC and copy the data',
        },
      ];
    },
  );
  const [old, wanted] = [claim, now].map(
    ({ object }) => stringAt(object, 'spec', 'resources', 'requests', 'storage') ?? '',
  );
  if (parseQuantity(wanted) < parseQuantity(old)) {
    findings.push({
      ...about,
      rule: 'claim-changed',
      level: FindingLevel.ERROR,
      field: 'spec.resources.requests.storage',
      before: old,
      after: wanted,
      reason: 'volumes cannot shrink',
      remedy: `restore ${old}`,
    });
  }
  return findings;
}

const DEFAULTS: { [field: string]: unknown } = {
  'PersistentVolumeClaim.volumeMode': 'Filesystem',
  'StorageClass.reclaimPolicy': 'Delete',
  'StorageClass.volumeBindingMode': 'Immediate',
  'StorageClass.parameters': {},
};

/** A field of a claim or a class, or the default that the API server would set. */
function fieldOrDefault({ kind, object }: Manifest, field: string): unknown {
  return at(kind === 'StorageClass' ? object : objectAt(object, 'spec'), field) ?? DEFAULTS[`${kind}.${field}`];
}

function storageClassChanged(storageClass: Manifest, after: Manifests): Finding[] {
  const now = after.counterpart(storageClass);
  if (now === undefined) return [];
  return ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'].flatMap((field): Finding[] => {
    const [old, wanted] = [fieldOrDefault(storageClass, field), fieldOrDefault(now, field)];
    if (isEqual(old, wanted)) return [];
    return [
      {
        rule: 'storage-class-immutable',
        level: FindingLevel.ERROR,
        resource: resourceId(storageClass),
        field,
        before: displayValue(old),
        after: displayValue(wanted),
        reason:
          'Kubernetes does not allow this field of an existing StorageClass to change, and existing volumes would stay as they are',
        remedy: 'restore it; create a class with another name for new volumes',
      },
    ];
  });
}

function servicesChanged(before: Manifests, after: Manifests): Finding[] {
  const governed = new Map<string, string[]>();
  for (const set of before.ofKind('StatefulSet')) {
    const [name, now] = [set, after.counterpart(set)].map((state) => stringAt(state?.object, 'spec', 'serviceName'));
    if (name === undefined || name !== now) continue;
    const service = resourceId({ kind: 'Service', name, namespace: set.namespace });
    governed.set(service, [...(governed.get(service) ?? []), set.name]);
  }
  return before
    .ofKind('Service')
    .flatMap((service) => serviceChanged(service, after.counterpart(service), governed.get(resourceId(service)) ?? []));
}

function serviceChanged(service: Manifest, now: Manifest | undefined, governed: string[]): Finding[] {
  if (now === undefined) {
    if (governed.length === 0) return [];
    return [
      {
        rule: 'service-removed',
        level: FindingLevel.ERROR,
        resource: resourceId(service),
        reason: `it gives the pods of ${governed.join(', ')} their DNS names: without it they cannot find each other`,
        remedy: 'restore it',
      },
    ];
  }
  const [was, is] = [service, now].map(({ object }) => stringAt(object, 'spec', 'clusterIP') || undefined);
  const isHeadless = was === 'None';
  // The API server keeps an address that a later manifest omits, also None; but it refuses a type that needs a real
  // one.
  const type = stringAt(now.object, 'spec', 'type') ?? 'ClusterIP';
  const isRefused =
    is === undefined
      ? isHeadless && ['NodePort', 'LoadBalancer'].includes(type)
      : was === undefined
        ? is === 'None'
        : was !== is;
  if (!isRefused) return [];
  return [
    {
      rule: 'service-cluster-ip-changed',
      level: FindingLevel.ERROR,
      resource: resourceId(service),
      field: isHeadless && is === undefined ? 'spec.type' : 'spec.clusterIP',
      before: isHeadless && is === undefined ? 'ClusterIP' : was,
      after: isHeadless && is === undefined ? type : is,
      reason: 'Kubernetes does not allow this field of an existing Service to change',
      remedy: 'restore it; or create a Service with another name',
    },
  ];
}

/** What the pods of StatefulSets have Secrets for, by the ids of the Secrets. */
interface SecretUses {
  readonly ofDatabases: ReadonlySet<string>;
  /** Keys of passphrases. */
  readonly ofBackups: ReadonlyMap<string, ReadonlySet<string>>;
}

function secretUses(sets: Manifest[]): SecretUses {
  const ofDatabases = new Set<string>();
  const ofBackups = new Map<string, Set<string>>();
  for (const { namespace, object } of sets) {
    const idOf = (name: string): string => resourceId({ kind: 'Secret', name, namespace });
    const pod = objectAt(object, 'spec', 'template', 'spec');
    const isOwn = stringAt(object, 'spec', 'selector', 'matchLabels', NAME_LABEL) !== undefined;
    for (const name of secretNames(isOwn ? withoutStoreKeys(pod) : pod)) ofDatabases.add(idOf(name));
    for (const { secret, key } of isOwn ? passphraseSources(pod) : [])
      ofBackups.set(idOf(secret), new Set([...(ofBackups.get(idOf(secret)) ?? []), key]));
  }
  return { ofDatabases, ofBackups };
}

function secretsChanged(before: Manifests, after: Manifests): Finding[] {
  const { ofDatabases, ofBackups } = secretUses([...before.ofKind('StatefulSet'), ...after.ofKind('StatefulSet')]);
  return before.ofKind('Secret').flatMap((secret) => {
    const id = resourceId(secret);
    const passphrases = ofBackups.get(id) ?? new Set();
    const keys = ofDatabases.has(id) || passphrases.size > 0 ? changedKeys(secret, after.counterpart(secret)) : [];
    const [sealing, others] = [keys.filter((key) => passphrases.has(key)), keys.filter((key) => !passphrases.has(key))];
    return [
      ...(sealing.length === 0 ? [] : [passphraseChanged(id, sealing)]),
      ...(others.length === 0 || !ofDatabases.has(id) ? [] : [passwordChanged(id, others)]),
    ];
  });
}

function changedKeys(secret: Manifest, now: Manifest | undefined): string[] {
  if (now === undefined || stringAt(secret.object, 'type') === 'kubernetes.io/tls') return [];
  const [old, wanted] = [secretData(secret), secretData(now)];
  return Object.keys(old).filter((key) => old[key] !== wanted[key] && !/\.(crt|key|pem|jks|p12)$/.test(key));
}

/** A Helm chart that generates a password at each rendering changes the Secret but not the database. */
function passwordChanged(resource: string, keys: string[]): Finding {
  return {
    rule: 'secret-value-changed',
    level: FindingLevel.WARNING,
    resource,
    field: fieldOf(keys),
    reason:
      'the database keeps its current passwords until they are changed there: pods and clients that use the new one are refused',
    remedy: 'restore the value, or change the password in the database at the same time',
  };
}

function passphraseChanged(resource: string, keys: string[]): Finding {
  return {
    rule: 'backup-passphrase-changed',
    level: FindingLevel.ERROR,
    resource,
    field: fieldOf(keys),
    reason: 'what the store has was sealed with the former one: nothing of it could be restored any more',
    remedy:
      "restore the value; for another passphrase make another Secret, and give the store another 'folder' at the same time",
  };
}

function fieldOf(keys: string[]): string {
  return keys.map((key) => `data[${key}]`).join(', ');
}

function secretData(secret: Manifest): { [key: string]: string } {
  const encoded = stringMapAt(secret.object, 'data');
  const decoded = Object.fromEntries(
    Object.entries(encoded).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('latin1')]),
  );
  const plain = stringMapAt(secret.object, 'stringData');
  return {
    ...decoded,
    ...Object.fromEntries(Object.entries(plain).map(([key, value]) => [key, Buffer.from(value).toString('latin1')])),
  };
}

function selectorMismatch(set: Manifest, before: Manifests): Finding[] {
  const was = before.counterpart(set);
  if (was !== undefined && !isEqual(at(was.object, 'spec', 'selector'), at(set.object, 'spec', 'selector'))) return []; // reported as selector-changed
  const labels = stringMapAt(set.object, 'spec', 'template', 'metadata', 'labels');
  const selected = stringMapAt(set.object, 'spec', 'selector', 'matchLabels');
  const wrong = Object.keys(selected).filter((label) => labels[label] !== selected[label]);
  return wrong.length === 0
    ? []
    : [
        {
          rule: 'selector-mismatch',
          level: FindingLevel.ERROR,
          resource: resourceId(set),
          field: 'spec.template.metadata.labels',
          before: wrong.map((label) => `${label}=${selected[label]}`).join(','),
          after: wrong.map((label) => `${label}=${labels[label] ?? ''}`).join(','),
          reason: 'Kubernetes refuses a StatefulSet whose selector does not match the labels of its pod template',
          remedy: 'restore the labels',
        },
      ];
}

function displayValue(value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' ? value : canonicalJson(value);
}
