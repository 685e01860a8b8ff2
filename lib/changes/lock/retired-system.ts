import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { checkNamespace } from '../../values/kubernetes-names';
import { checkEnum, checkObject, checkText } from '../../values/checks';

/**
 * What happens to the volumes of a retired system.
 */
export enum RetiredVolumes {
  /**
   * They stay in the cluster with their data. A set with the same name and namespace finds them again.
   */
  KEPT = 'kept',

  /**
   * They are deleted: with the set, if its `volumesWhenDeleted` says so, otherwise by hand. Synth prints the command.
   */
  DELETED = 'deleted',
}

/**
 * Props of a `RetiredSystem`.
 */
export interface RetiredSystemProps {
  /**
   * What happens to its volumes.
   */
  readonly volumes: RetiredVolumes;

  /**
   * Name of the StatefulSet.
   *
   * @default - the construct's id
   */
  readonly name?: string;

  /**
   * Namespace of the StatefulSet.
   *
   * @default - the chart's
   */
  readonly namespaceName?: string;
}

/**
 * Declares that a stateful system was removed on purpose. It replaces the system in the code; without it `StatefulApp`
 * refuses to synthesize, because a deleted line would delete a database. Once the lock is committed it can be removed
 * as well.
 */
export class RetiredSystem extends Construct {
  /**
   * Name of the removed StatefulSet.
   */
  public readonly name: string;

  /**
   * Namespace of the removed StatefulSet.
   */
  public readonly namespaceName?: string;

  /**
   * What happens to its volumes.
   */
  public readonly volumes: RetiredVolumes;

  /**
   * @throws if `volumes` is missing, or the namespace is not a DNS label
   */
  constructor(scope: Construct, id: string, props: RetiredSystemProps) {
    super(scope, id);
    checkObject('props', props);
    this.name = checkText('name', props.name ?? id);
    this.namespaceName = checkNamespace('namespaceName', props.namespaceName ?? Chart.of(this).namespace);
    this.volumes = checkEnum('volumes', props.volumes, RetiredVolumes);
  }
}
