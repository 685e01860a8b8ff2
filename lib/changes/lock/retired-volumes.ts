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
