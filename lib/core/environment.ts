import { Construct, IConstruct } from 'constructs';
import { checkDnsLabel } from '../values/kubernetes-names';

/** Context is inherited down the tree, and cannot be changed once there are children. */
const CONTEXT = 'cdk8s-stateful/environment';

/**
 * A scope for everything that goes to one cluster, such as `dev`, `staging` or `prod`, when one app builds several of
 * them:
 *
 *     for (const name of ['dev', 'prod']) {
 *       new OrdersChart(new Environment(app, name), 'orders');
 *     }
 *
 * Names and namespaces only have to be unique within an environment, and the lock keeps each environment's systems by
 * themselves: what is `shop/orders` in one has nothing to do with `shop/orders` in another. The manifests of systems do
 * not depend on it; other objects without a name of their own are named by cdk8s after the path of their construct, in
 * which this scope is one step.
 *
 * An app that builds only one environment names it with the prop `environment` of `StatefulApp` instead.
 */
export class Environment extends Construct {
  /**
   * The name of the environment that a construct belongs to, so that code can depend on it.
   *
   * @param construct any construct below an `Environment`, or of a `StatefulApp` with an `environment`
   * @returns undefined, if it belongs to none
   */
  public static of(construct: IConstruct): string | undefined {
    return construct.node.tryGetContext(CONTEXT) as string | undefined;
  }

  /**
   * Puts everything in a scope into an environment.
   *
   * @internal
   */
  public static _assign(scope: IConstruct, prop: string, name: string): void {
    scope.node.setContext(CONTEXT, checkDnsLabel(prop, name));
  }

  /**
   * The name of the environment.
   */
  public readonly name: string;

  /**
   * @param scope the app
   * @param id the name of the environment
   * @throws if the name is not a DNS label, or the scope is in an environment already
   */
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const outer = Environment.of(scope);
    if (outer !== undefined) {
      throw new Error(
        `environment '${id}' must not be inside another one, got a scope of environment '${outer}': use new Environment(app, '${id}'), with an app that has no 'environment'`,
      );
    }
    Environment._assign(this, 'id', id);
    this.name = id;
  }
}
