import { ApiObject } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import { shown } from '../../values/checks';

/**
 * Sets an annotation on every object at and below a construct.
 *
 * @param valueFor gives the value, from the one that is there already
 * @throws if there is no object: then the call came too early, and would protect nothing
 */
export function annotate(
  scope: IConstruct,
  key: string,
  valueFor: (present: string | undefined, object: ApiObject) => string,
): void {
  checkConstruct(scope);
  const objects = scope.node.findAll().filter((construct): construct is ApiObject => ApiObject.isApiObject(construct));
  if (objects.length === 0) {
    throw new Error(
      `scope must have objects that can be annotated, got none at or below '${scope.node.path}': add them first`,
    );
  }
  for (const object of objects) {
    const { annotations = {} } = object.metadata.toJson() as { annotations?: { [key: string]: string } };
    object.metadata.addAnnotation(key, valueFor(annotations[key], object));
  }
}

/** Refuse what is no construct, as a set that is not made yet. */
export function checkConstruct(scope: IConstruct): IConstruct {
  if (!Construct.isConstruct(scope)) {
    throw new Error(`scope must be a construct, as a database or a chart, got ${shown(scope)}`);
  }
  return scope;
}
