import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';
import { Environment } from '../environment';

/** What one look at the whole tree of an app has found: it serves all sets, as long as the tree is the same. */
export interface AppObjects {
  /** Objects by what no two of them may have in common. */
  readonly byIdentity: ReadonlyMap<string, readonly ApiObject[]>;
  /** Those of every environment. */
  readonly networkPolicies: readonly ApiObject[];
}

interface Look extends AppObjects {
  readonly constructs: readonly IConstruct[];
}

/** The last look at each app. Weak, so that an app that a test made can be forgotten. */
const looks = new WeakMap<IConstruct, Look>();
const watched = new WeakSet<IConstruct>();

/** To be called by each set: whenever validation begins, which it does at the root, a tree that has changed is looked at again. */
export function lookAnewWhenItChanges({ node: { root } }: IConstruct): void {
  if (watched.has(root)) return;
  watched.add(root);
  root.node.addValidation({
    validate: () => {
      const known = looks.get(root);
      const constructs = root.node.findAll();
      if (known?.constructs.length !== constructs.length || constructs.some((construct, place) => construct !== known.constructs[place])) looks.delete(root);
      return [];
    },
  });
}

/** All objects of the app that a construct is in. */
export function objectsOfApp({ node: { root } }: IConstruct): AppObjects {
  const look = looks.get(root) ?? lookAt(root.node.findAll());
  looks.set(root, look);
  return look;
}

function lookAt(constructs: readonly IConstruct[]): Look {
  const objects = constructs.filter((construct) => ApiObject.isApiObject(construct));
  const byIdentity = new Map<string, ApiObject[]>();
  for (const object of objects) {
    const others = byIdentity.get(identityOf(object));
    if (others === undefined) byIdentity.set(identityOf(object), [object]);
    else others.push(object);
  }
  return { constructs, byIdentity, networkPolicies: objects.filter(({ kind, apiGroup }) => kind === 'NetworkPolicy' && apiGroup === 'networking.k8s.io') };
}

/** Of two objects of one kind, name and namespace in one environment the later one replaces the other when they are applied, without a word. */
export function namesTaken(set: IConstruct): string[] {
  const { byIdentity } = objectsOfApp(set);
  return set.node.children.filter((child) => ApiObject.isApiObject(child)).flatMap((own) => (
    (byIdentity.get(identityOf(own)) ?? []).filter((object) => object !== own).map((other) => (
      `${own.kind} '${own.name}' is there twice: '${other.node.path}' has the name of an object of this set, and one would replace the other; give it another name`
    ))
  ));
}

function identityOf(object: ApiObject): string {
  const { apiGroup, kind, name, metadata } = object;
  return [Environment.of(object) ?? '', apiGroup, kind, metadata.namespace ?? '', name].join('/');
}

/**
 * What is found once holds for as long as this runs without a pause, the tree of the app is the same, and the set says that it is: cdk8s validates the
 * whole app once more for each of its charts.
 *
 * @param shape what changes when something is added to the set that is no construct
 */
export function onceEachSynth(set: IConstruct, shape: () => string, validate: () => string[]): () => string[] {
  let known: { readonly app: AppObjects; readonly shape: string; readonly errors: string[] } | undefined;
  return () => {
    const now = { app: objectsOfApp(set), shape: shape() };
    if (known?.app === now.app && known.shape === now.shape) return known.errors;
    const errors = validate();
    known = { ...now, errors };
    setImmediate(() => {
      known = undefined;
    }).unref();
    return errors;
  };
}
