/**
 * How severe a finding is.
 */
export enum FindingLevel {
  /**
   * Kubernetes or the database refuses the change, or data would be lost or become unreachable. It must not be applied.
   */
  ERROR = 'error',

  /**
   * The change is allowed, but needs an action or a decision first.
   */
  WARNING = 'warning',

  /**
   * The change is safe. The finding says what it does to the running pods.
   */
  NOTE = 'note',
}

/**
 * What a change of manifests does to a stateful system.
 */
export interface Finding {
  /**
   * The rule that found it, such as `volume-shrunk`.
   */
  readonly rule: string;

  /**
   * How severe it is.
   */
  readonly level: FindingLevel;

  /**
   * Kind, namespace and name of the object before the change, such as `StatefulSet/default/orders`. The namespace is
   * `default` if the manifest names none, and empty if the kind is not namespaced.
   */
  readonly resource: string;

  /**
   * The environment that the object belongs to: the one that the code names, or the folder or file of the manifests, if
   * several of them define the same StatefulSet.
   *
   * @default - there are no environments
   */
  readonly environment?: string;

  /**
   * The field that changes.
   *
   * @default - the object as a whole
   */
  readonly field?: string;

  /**
   * The field's previous value. Never the content of a Secret.
   *
   * @default - the field was not set
   */
  readonly before?: string;

  /**
   * The field's new value. Never the content of a Secret.
   *
   * @default - the field is not set
   */
  readonly after?: string;

  /**
   * Why this matters: what Kubernetes or the database does.
   */
  readonly reason: string;

  /**
   * How to undo the change, or how to make it without losing data.
   */
  readonly remedy: string;

  /**
   * The file that defines the object: the new one, or the old one if the object was removed.
   *
   * @default - the manifests did not come from files
   */
  readonly file?: string;

  /**
   * The line in that file where the object begins, starting at 1.
   *
   * @default - the manifests did not come from files
   */
  readonly line?: number;
}
