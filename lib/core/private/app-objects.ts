import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';
import { Environment } from '../environment';

/** The objects of an app that go to one cluster, by what no two of them may have in common. */
export type AppObjects = ReadonlyMap<string, readonly ApiObject[]>;

/** One look at the whole tree serves all sets of an app: cdk8s validates it anew for each chart. */
const looked = new WeakMap<IConstruct, ReadonlyMap<string | undefined, AppObjects> | 'not yet'>();

/** To be called once by each set: what was seen is forgotten whenever validation begins anew, which it does at the root. */
export function lookAnewAtEachSynth({ node: { root } }: IConstruct): void {
  if (looked.has(root)) return;
  looked.set(root, 'not yet');
  root.node.addValidation({
    validate: () => {
      looked.set(root, 'not yet');
      return [];
    },
  });
}

/** All objects of the app, and the environment, that a construct is in. */
export function objectsOfApp(construct: IConstruct): AppObjects {
  return objectsByEnvironment(construct.node.root).get(Environment.of(construct)) ?? new Map<string, readonly ApiObject[]>();
}

function objectsByEnvironment(root: IConstruct): ReadonlyMap<string | undefined, AppObjects> {
  const known = looked.get(root);
  if (known !== undefined && known !== 'not yet') return known;
  const environments = new Map<string | undefined, Map<string, ApiObject[]>>();
  for (const object of root.node.findAll().filter((construct) => ApiObject.isApiObject(construct))) {
    const environment = Environment.of(object);
    const objects = environments.get(environment) ?? new Map<string, ApiObject[]>();
    environments.set(environment, objects);
    const key = keyOf(object);
    const others = objects.get(key);
    if (others === undefined) objects.set(key, [object]);
    else others.push(object);
  }
  looked.set(root, environments);
  return environments;
}

/** Of two objects of one kind, name and namespace the later one replaces the other when they are applied, without a word. */
export function namesTaken(set: IConstruct): string[] {
  const objects = objectsOfApp(set);
  return set.node.children.filter((child) => ApiObject.isApiObject(child)).flatMap((own) => (
    (objects.get(keyOf(own)) ?? []).filter((object) => object !== own).map((other) => (
      `${own.kind} '${own.name}' is there twice: '${other.node.path}' has the name of an object of this set, and one would replace the other; give it another name`
    ))
  ));
}

function keyOf({ apiGroup, kind, name, metadata }: ApiObject): string {
  return `${apiGroup}/${kind}/${metadata.namespace ?? ''}/${name}`;
}
