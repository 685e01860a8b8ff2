import { ApiObject } from 'cdk8s';
import { IConstruct, IValidation } from 'constructs';
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

/**
 * To be called by each set: whenever validation begins, which it does at the root, a tree that has changed is looked at
 * again.
 */
export function lookAnewWhenItChanges({ node: { root } }: IConstruct): void {
  if (watched.has(root)) return;
  watched.add(root);
  root.node.addValidation({
    validate: () => {
      const known = looks.get(root);
      if (known !== undefined && !isMadeOf(root, known.constructs)) looks.delete(root);
      return [];
    },
  });
}

/** Whether these are the constructs of a tree, in their order. cdk8s asks once for each chart, so it must be quick. */
function isMadeOf(root: IConstruct, constructs: readonly IConstruct[]): boolean {
  let place = 0;
  const isNext = (construct: IConstruct): boolean =>
    construct === constructs[place++] && construct.node.children.every(isNext);
  return isNext(root) && place === constructs.length;
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
  return {
    constructs,
    byIdentity,
    networkPolicies: objects.filter(
      ({ kind, apiGroup }) => kind === 'NetworkPolicy' && apiGroup === 'networking.k8s.io',
    ),
  };
}

/**
 * Of two objects of one kind, name and namespace in one environment the later one replaces the other when they are
 * applied, without a word.
 */
export function namesTaken(set: IConstruct): string[] {
  const { byIdentity } = objectsOfApp(set);
  return set.node.children
    .filter((child) => ApiObject.isApiObject(child))
    .flatMap((own) =>
      (byIdentity.get(identityOf(own)) ?? [])
        .filter((object) => object !== own)
        .map(
          (other) =>
            `${own.kind} '${own.name}' is there twice: '${other.node.path}' has the name of an object of this set, and one would replace the other; give it another name`,
        ),
    );
}

function identityOf(object: ApiObject): string {
  const { apiGroup, kind, name, metadata } = object;
  return [Environment.of(object) ?? '', apiGroup, kind, metadata.namespace ?? '', name].join('/');
}

/**
 * The errors of a set. What is found once holds for as long as this runs without a pause and the tree of the app is the
 * same: cdk8s validates the whole app once more for each of its charts, so that a second time must cost nothing.
 */
export class OnceEachSynth implements IValidation {
  private readonly root: IConstruct;
  private known?: { readonly app: AppObjects; readonly parts: number; readonly errors: string[] };

  /**
   * @param countParts how many parts the set has that are no constructs; none is ever taken away
   */
  constructor(
    private readonly set: IConstruct,
    private readonly countParts: () => number,
    private readonly find: () => string[],
  ) {
    this.root = set.node.root;
  }

  public validate(): string[] {
    return this.known !== undefined && this.known.app === looks.get(this.root) ? this.known.errors : this.findAnew();
  }

  /** When the set is rendered: of parts that were added since it was validated the tree says nothing. */
  public checkAddedParts(): void {
    if (this.known === undefined || this.known.parts === this.countParts()) return;
    const errors = this.findAnew().map((error) => `\n  [${this.set.node.path}] ${error}`);
    if (errors.length > 0) throw new Error(`Validation failed with the following errors:${errors.join('')}`);
  }

  private findAnew(): string[] {
    const parts = this.countParts();
    const errors = this.find();
    this.known = { app: objectsOfApp(this.set), parts, errors };
    setImmediate(() => {
      this.known = undefined;
    }).unref();
    return errors;
  }
}
