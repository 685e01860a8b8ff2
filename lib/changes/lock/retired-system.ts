import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { checkNamespace } from '../../private/kubernetes-names';
import { checkEnum, checkObject, checkText } from '../../values/checks';

/**
 * What happens to the volumes of a system that is retired.
 */
export enum RetiredVolumes {
  /**
   * They stay in the cluster, with their data. A set of the same name and namespace finds them again.
   */
  KEPT = 'kept',

  /**
   * They are deleted: with the set, if that is its `volumesWhenDeleted`, else by hand; synth prints the command.
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
 * Says that a stateful system is gone on purpose. It takes the place of the system in the code; without it `StatefulApp` refuses to
 * synthesize, as a deleted line would delete a database. Once the lock is committed it may be removed too.
 */
export class RetiredSystem extends Construct {
  /**
   * Name of the StatefulSet that is gone.
   */
  public readonly name: string;

  /**
   * Namespace of the StatefulSet that is gone.
   */
  public readonly namespaceName?: string;

  /**
   * What happens to its volumes.
   */
  public readonly volumes: RetiredVolumes;

  /**
   * @throws if it does not say what becomes of the volumes, or the namespace is none
   */
  constructor(scope: Construct, id: string, props: RetiredSystemProps) {
    super(scope, id);
    checkObject('props', props);
    this.name = checkText('name', props.name ?? id);
    this.namespaceName = checkNamespace('namespaceName', props.namespaceName ?? Chart.of(this).namespace);
    this.volumes = checkEnum('volumes', props.volumes, RetiredVolumes);
  }
}
