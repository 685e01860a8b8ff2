import { parseImage } from '../../values/images';
import { at, isEmpty, isObject, JsonObject, listAt, objectAt, stringAt, stringMapAt } from '../../values/json';
import { NAME_LABEL } from '../../values/labels';

/** The immutable part of a claim template, and where the volume is mounted. */
export interface ClaimFacts {
  readonly storageClassName?: string;
  readonly size: string;
  readonly accessModes: string[];
  /** All other fields of the template, without defaults. */
  readonly rest?: JsonObject;
  /** Mount paths in the container that holds the data, with the subPath if there is one. */
  readonly mounts: string[];
  /**
   * False if the StorageClass is among the manifests and does not allow expansion. Of any other class only the cluster
   * knows.
   */
  readonly grows?: boolean;
}

/** The claim templates of a StatefulSet's spec, by name. */
export function readClaims(
  spec: JsonObject,
  storageClasses: readonly JsonObject[] = [],
): { [name: string]: ClaimFacts } {
  return Object.fromEntries(
    listAt(spec, 'volumeClaimTemplates').map((template) => {
      const name = stringAt(template, 'metadata', 'name') ?? '';
      const storageClassName = stringAt(template, 'spec', 'storageClassName');
      const rest = otherFields(template);
      const storageClass = storageClasses.find(
        (candidate) => stringAt(candidate, 'metadata', 'name') === storageClassName,
      );
      return [
        name,
        {
          ...(storageClassName !== undefined && { storageClassName }),
          size: stringAt(template, 'spec', 'resources', 'requests', 'storage') ?? '',
          accessModes: listAt(template, 'spec', 'accessModes').map(String),
          ...(Object.keys(rest).length > 0 && { rest }),
          mounts: mountPaths(findMountingContainer(spec, name), name),
          ...(storageClass !== undefined && at(storageClass, 'allowVolumeExpansion') !== true && { grows: false }),
        },
      ];
    }),
  );
}

/**
 * The container that holds the data: of those that mount a claim, in a set of this library the server's, which is named
 * after the engine as the set's label is, whatever image it and an application have; else the one with the image of a
 * database, or the first.
 */
export function findDataContainer(spec: JsonObject): JsonObject {
  const containers = listAt(spec, 'template', 'spec', 'containers').filter(isObject);
  const claims = listAt(spec, 'volumeClaimTemplates').map((template) => stringAt(template, 'metadata', 'name') ?? '');
  const mounting = containers.filter((container) => claims.some((claim) => mountPaths(container, claim).length > 0));
  const candidates = mounting.length > 0 ? mounting : containers;
  const isOwn = stringAt(spec, 'selector', 'matchLabels', NAME_LABEL) !== undefined;
  const server = stringMapAt(spec, 'template', 'metadata', 'labels')['app.kubernetes.io/name'];
  return (
    candidates.find((container) => isOwn && stringAt(container, 'name') === server) ??
    candidates.find((container) => parseImage(stringAt(container, 'image') ?? '').engine !== undefined) ??
    candidates[0] ??
    {}
  );
}

function findMountingContainer(spec: JsonObject, claim: string): unknown {
  const main = findDataContainer(spec);
  if (mountPaths(main, claim).length > 0) return main;
  return listAt(spec, 'template', 'spec', 'containers').find((container) => mountPaths(container, claim).length > 0);
}

function mountPaths(container: unknown, claim: string): string[] {
  const mounts = [...listAt(container, 'volumeMounts'), ...listAt(container, 'volumeDevices')];
  return mounts
    .filter((mount) => stringAt(mount, 'name') === claim)
    .map((mount) => {
      const path = (stringAt(mount, 'mountPath') ?? stringAt(mount, 'devicePath') ?? '').replace(/(.)\/+$/, '$1');
      const folder = stringAt(mount, 'subPath') ?? stringAt(mount, 'subPathExpr');
      return folder === undefined || folder === '' ? path : `${path} (folder ${folder})`;
    })
    .sort();
}

/** Fields of the template other than size, class and access modes, without what the API server adds by default. */
function otherFields(template: unknown): JsonObject {
  const named = ['storageClassName', 'accessModes', 'resources', 'volumeMode'];
  const spec = Object.fromEntries(
    Object.entries(objectAt(template, 'spec')).filter(([key, value]) => !named.includes(key) && hasContent(value)),
  );
  const volumeMode = stringAt(template, 'spec', 'volumeMode') ?? 'Filesystem';
  const labels = stringMapAt(template, 'metadata', 'labels');
  const annotations = stringMapAt(template, 'metadata', 'annotations');
  const limits = at(template, 'spec', 'resources', 'limits');
  return {
    ...(volumeMode !== 'Filesystem' && { volumeMode }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
    ...(hasContent(limits) && { limits }),
    ...spec,
  };
}

function hasContent(value: unknown): boolean {
  return value !== undefined && value !== null && !isEmpty(value);
}
