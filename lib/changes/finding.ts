/**
 * How bad a finding is.
 */
export enum FindingLevel {
  /**
   * Kubernetes or the database refuses it, or data is lost or out of reach. It must not be applied.
   */
  ERROR = 'error',

  /**
   * It is allowed, but somebody must do or know something first.
   */
  WARNING = 'warning',

  /**
   * It is allowed; what it does to the running pods is worth knowing.
   */
  NOTE = 'note',
}

/**
 * What a change of manifests does to a stateful system.
 */
export interface Finding {
  /**
   * Which rule found it, as `volume-shrunk`.
   */
  readonly rule: string;

  /**
   * How bad it is.
   */
  readonly level: FindingLevel;

  /**
   * Kind, namespace and name of the object as it was, as `StatefulSet/default/orders`. The namespace is `default` where the manifest names
   * none, and empty where the kind has none.
   */
  readonly resource: string;

  /**
   * The field that changes.
   *
   * @default - the object as a whole
   */
  readonly field?: string;

  /**
   * The field's value before. Never that of a Secret.
   *
   * @default - it had none
   */
  readonly before?: string;

  /**
   * The field's value after. Never that of a Secret.
   *
   * @default - it has none
   */
  readonly after?: string;

  /**
   * Why this matters: what Kubernetes or the database does.
   */
  readonly reason: string;

  /**
   * How to go back, or the way that keeps the data.
   */
  readonly remedy: string;

  /**
   * The file that the object is in: the new one, or the old one if the object is gone.
   *
   * @default - the manifests did not come from files
   */
  readonly file?: string;

  /**
   * The line in that file where the object begins, counted from 1.
   *
   * @default - the manifests did not come from files
   */
  readonly line?: number;
}
