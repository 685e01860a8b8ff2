/**
 * The label that selects the pods of a set of this library. Its value is the set's name, so that moving the construct
 * in the tree changes nothing.
 */
export const NAME_LABEL = 'cdk8s-stateful/name';

/** The label of a ConfigMap with scripts. Its value is the digest of them, which is also in its name. */
export const SCRIPTS_LABEL = 'cdk8s-stateful/scripts';

/**
 * The label of the pods of a set's jobs. Its value is the set's name; what selects the set's own pods does not select
 * them.
 */
export const JOB_LABEL = 'cdk8s-stateful/job-of';
