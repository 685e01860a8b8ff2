/**
 * What happens to volumes whose pods are gone for good.
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
 */
export enum VolumeRetention {
  /**
   * Claims and volumes stay: a mistake can be undone, and a set that is applied again finds its data.
   */
  RETAIN = 'Retain',

  /**
   * Claims are deleted, and with them the volumes, if the StorageClass says so.
   */
  DELETE = 'Delete',
}
