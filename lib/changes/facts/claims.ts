import { imageFacts } from '../../values/images';
import { at, JsonObject, isObject, listAt, objectAt, textAt, textsAt } from '../../values/json';

/** What of a claim template Kubernetes does not let change, and where the volume is mounted. */
export interface ClaimFacts {
  readonly storageClassName?: string;
  readonly size: string;
  readonly accessModes: string[];
  /** All other fields of the template, defaults left out. */
  readonly rest?: JsonObject;
  /** Paths in the container that holds the data, with the folder of the volume where it is not the whole. */
  readonly mounts: string[];
  /** False where the class is among the manifests and lets no volume grow; of any other class only the cluster knows. */
  readonly grows?: boolean;
}

/** The claim templates of a StatefulSet's spec, by name. */
export function claimsOf(spec: JsonObject, storageClasses: readonly JsonObject[] = []): { [name: string]: ClaimFacts } {
  return Object.fromEntries(listAt(spec, 'volumeClaimTemplates').map((template) => {
    const name = textAt(template, 'metadata', 'name') ?? '';
    const storageClassName = textAt(template, 'spec', 'storageClassName');
    const rest = restOf(template);
    const storageClass = storageClasses.find((candidate) => textAt(candidate, 'metadata', 'name') === storageClassName);
    return [name, {
      ...storageClassName !== undefined && { storageClassName },
      size: textAt(template, 'spec', 'resources', 'requests', 'storage') ?? '',
      accessModes: listAt(template, 'spec', 'accessModes').map(String),
      ...Object.keys(rest).length > 0 && { rest },
      mounts: mountsOf(mountingContainer(spec, name), name),
      ...storageClass !== undefined && at(storageClass, 'allowVolumeExpansion') !== true && { grows: false },
    }];
  }));
}

/** The container that holds the data: of those that mount a claim the one whose image is a database's, or the first. */
export function dataContainer(spec: JsonObject): JsonObject {
  const containers = listAt(spec, 'template', 'spec', 'containers').filter(isObject);
  const claims = listAt(spec, 'volumeClaimTemplates').map((template) => textAt(template, 'metadata', 'name') ?? '');
  const mounting = containers.filter((container) => claims.some((claim) => mountsOf(container, claim).length > 0));
  const candidates = mounting.length > 0 ? mounting : containers;
  return candidates.find((container) => imageFacts(textAt(container, 'image') ?? '').engine !== undefined) ?? candidates[0] ?? {};
}

function mountingContainer(spec: JsonObject, claim: string): unknown {
  const main = dataContainer(spec);
  if (mountsOf(main, claim).length > 0) return main;
  return listAt(spec, 'template', 'spec', 'containers').find((container) => mountsOf(container, claim).length > 0);
}

function mountsOf(container: unknown, claim: string): string[] {
  const mounts = [...listAt(container, 'volumeMounts'), ...listAt(container, 'volumeDevices')];
  return mounts.filter((mount) => textAt(mount, 'name') === claim).map((mount) => {
    const path = (textAt(mount, 'mountPath') ?? textAt(mount, 'devicePath') ?? '').replace(/(.)\/+$/, '$1');
    const folder = textAt(mount, 'subPath') ?? textAt(mount, 'subPathExpr');
    return folder === undefined || folder === '' ? path : `${path} (folder ${folder})`;
  }).sort();
}

/** Fields of the template beside size, class and access modes. What the API server fills in by itself is left out. */
function restOf(template: unknown): JsonObject {
  const named = ['storageClassName', 'accessModes', 'resources', 'volumeMode'];
  const spec = Object.fromEntries(Object.entries(objectAt(template, 'spec')).filter(([key, value]) => !named.includes(key) && !isEmpty(value)));
  const volumeMode = textAt(template, 'spec', 'volumeMode') ?? 'Filesystem';
  const labels = textsAt(template, 'metadata', 'labels');
  const annotations = textsAt(template, 'metadata', 'annotations');
  const limits = at(template, 'spec', 'resources', 'limits');
  return {
    ...volumeMode !== 'Filesystem' && { volumeMode },
    ...Object.keys(labels).length > 0 && { labels },
    ...Object.keys(annotations).length > 0 && { annotations },
    ...!isEmpty(limits) && { limits },
    ...spec,
  };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (isObject(value) && Object.keys(value).length === 0);
}
