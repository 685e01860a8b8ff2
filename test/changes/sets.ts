import { Manifests } from '../../lib/changes/facts/manifests';
import { readSets, SetFacts } from '../../lib/changes/facts/set-facts';

/** Plain JSON. */
export type Fields = Readonly<Record<string, unknown>>;

/** What differs from the usual StatefulSet. Fields of `pod` and `container` are added to theirs. */
export interface SetChange {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Fields;
  readonly spec?: Fields;
  readonly pod?: Fields;
  readonly container?: Fields;
  readonly image?: string;
  readonly env?: Fields[];
  readonly claims?: Fields[];
}

/** A claim template. */
export function claim(spec: Fields = {}, metadata: Fields = {}): Fields {
  return {
    metadata: { name: 'data', ...metadata },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'remote',
      resources: { requests: { storage: '10Gi' } },
      ...spec,
    },
  };
}

/** A StatefulSet as somebody writes it by hand: three pods of PostgreSQL with a volume each. */
export function statefulSet({
  name = 'orders',
  namespace,
  labels,
  spec,
  pod,
  container,
  image = 'postgres:17.4',
  env = [],
  claims = [claim()],
}: SetChange = {}): Fields {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, ...(namespace !== undefined && { namespace }), ...(labels !== undefined && { labels }) },
    spec: {
      replicas: 3,
      serviceName: name,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            {
              name: 'db',
              image,
              env,
              volumeMounts: [{ name: 'data', mountPath: '/var/lib/postgresql/data' }],
              ...container,
            },
          ],
          ...pod,
        },
      },
      volumeClaimTemplates: claims,
      ...spec,
    },
  };
}

/** The same as this library makes it, as far as the review looks. */
export function ownSet(change: SetChange = {}): Fields {
  const matchLabels = { 'cdk8s-stateful/name': change.name ?? 'orders' };
  const template = (statefulSet(change).spec as { readonly template: { readonly spec: Fields } }).template;
  return statefulSet({
    ...change,
    spec: { selector: { matchLabels }, template: { ...template, metadata: { labels: matchLabels } }, ...change.spec },
  });
}

/** An object of any kind. */
export function object(
  apiVersion: string,
  kind: string,
  name: string,
  fields: Fields = {},
  metadata: Fields = {},
): Fields {
  return { apiVersion, kind, metadata: { name, ...metadata }, ...fields };
}

/** What the review knows of the one StatefulSet. */
export function factsOf(set: Fields, ...beside: Fields[]): SetFacts {
  return [...readSets(Manifests.of([set, ...beside])).values()][0];
}
