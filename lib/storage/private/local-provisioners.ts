/** What every refusal of node-local storage names as the way out. */
export const WAY_OUT = 'Storage.localForDevelopmentOnlyDataDiesWithTheNode()';

/**
 * Provisioners whose volumes live on the disks of one node, and what each is.
 *
 * Only exact names are listed: a remote driver must never be refused because its name resembles one of these.
 */
const LOCAL_PROVISIONERS: ReadonlyMap<string, string> = new Map([
  // https://kubernetes.io/docs/concepts/storage/storage-classes/#local
  ['kubernetes.io/no-provisioner', 'local volumes made by hand'],
  // kubernetes pkg/volume/hostpath, for tests of the controller manager; early versions of kind
  ['kubernetes.io/host-path', 'the hostpath of Kubernetes tests'],
  // https://github.com/rancher/local-path-provisioner; the second is what its chart generates when no name is given
  ['rancher.io/local-path', 'Rancher local-path'],
  ['cluster.local/local-path-provisioner', 'Rancher local-path'],
  // https://github.com/kubernetes/minikube/blob/master/deploy/addons/storageclass/storageclass.yaml
  ['k8s.io/minikube-hostpath', 'the hostpath of minikube'],
  // https://docs.docker.com/desktop/features/kubernetes/
  ['docker.io/hostpath', 'the hostpath of Docker Desktop'],
  // https://github.com/canonical/microk8s-core-addons/blob/main/addons/hostpath-storage/storage.yaml
  ['microk8s.io/hostpath', 'the hostpath of MicroK8s'],
  // https://github.com/kubernetes-csi/csi-driver-host-path
  ['hostpath.csi.k8s.io', 'the CSI hostpath example'],
  // https://github.com/kubevirt/hostpath-provisioner; the second is its older, non-CSI form
  ['kubevirt.io.hostpath-provisioner', 'the hostpath of KubeVirt'],
  ['kubevirt.io/hostpath-provisioner', 'the hostpath of KubeVirt'],
  // https://github.com/democratic-csi/democratic-csi, the name its example values give
  ['org.democratic-csi.local-hostpath', 'the hostpath of democratic-csi'],
  // https://openebs.io/docs/user-guides/local-storage-user-guide/local-pv-hostpath/hostpath-installation
  ['openebs.io/local', 'OpenEBS LocalPV hostpath or device'],
  // https://github.com/openebs/lvm-localpv, zfs-localpv, device-localpv, rawfile-localpv
  ['local.csi.openebs.io', 'OpenEBS LocalPV LVM'],
  ['zfs.csi.openebs.io', 'OpenEBS LocalPV ZFS'],
  ['device.csi.openebs.io', 'OpenEBS LocalPV device'],
  ['rawfile.csi.openebs.io', 'OpenEBS LocalPV rawfile'],
  // https://github.com/topolvm/topolvm (OpenShift's LVMS too); the second is its older name
  ['topolvm.io', 'TopoLVM'],
  ['topolvm.cybozu.com', 'TopoLVM'],
  // https://min.io/docs/directpv/concepts/specification; the second is its older name
  ['directpv-min-io', 'DirectPV'],
  ['direct-csi-min-io', 'DirectPV'],
  // https://github.com/metal-stack/csi-driver-lvm
  ['lvm.csi.metal-stack.io', 'the LVM driver of metal-stack'],
  // https://github.com/harvester/csi-driver-lvm
  ['lvm.driver.harvesterhci.io', 'the LVM driver of Harvester'],
  // https://github.com/carina-io/carina
  ['carina.storage.io', 'Carina'],
  // https://hwameistor.io; for its LVM volumes see localReason
  ['disk.hwameistor.io', 'HwameiStor disk volumes'],
  // https://github.com/alibaba/open-local; the others are its forerunners in alibaba-cloud-csi-driver
  ['local.csi.aliyun.com', 'Open-Local'],
  ['yodaplugin.csi.alibabacloud.com', 'Open-Local'],
  ['localplugin.csi.alibabacloud.com', 'local volumes of Alibaba Cloud'],
  ['lvmplugin.csi.alibabacloud.com', 'the LVM driver of Alibaba Cloud'],
  // https://github.com/deckhouse/sds-local-volume
  ['local.csi.storage.deckhouse.io', 'local volumes of Deckhouse'],
  // https://github.com/Azure/local-csi-driver
  ['localdisk.csi.acstor.io', 'local NVMe of Azure Container Storage'],
]);

/**
 * Names that local provisioners give to their classes, or that their documentation uses throughout.
 *
 * Names that remote drivers use as well are left out: `standard` is minikube's and kind's, but GKE's and OpenStack's
 * too.
 */
const LOCAL_CLASS_NAMES: ReadonlyMap<string, string> = new Map([
  ['local-storage', 'local volumes made by hand'],
  ['local-path', 'Rancher local-path'],
  ['hostpath', 'the hostpath of Docker Desktop'],
  ['microk8s-hostpath', 'the hostpath of MicroK8s'],
  ['csi-hostpath-sc', 'the CSI hostpath example'],
  ['hostpath-csi', 'the hostpath of KubeVirt'],
  ['hostpath-provisioner', 'the hostpath of KubeVirt'],
  ['openebs-hostpath', 'OpenEBS LocalPV hostpath'],
  ['openebs-device', 'OpenEBS LocalPV device'],
  ['openebs-lvmpv', 'OpenEBS LocalPV LVM'],
  ['openebs-zfspv', 'OpenEBS LocalPV ZFS'],
  ['csi-rawfile-default', 'OpenEBS LocalPV rawfile'],
  ['topolvm-provisioner', 'TopoLVM'],
  ['lvms-vg1', 'TopoLVM'],
  ['directpv-min-io', 'DirectPV'],
  ['csi-driver-lvm-linear', 'the LVM driver of metal-stack'],
  ['csi-driver-lvm-mirror', 'the LVM driver of metal-stack'],
  ['csi-driver-lvm-striped', 'the LVM driver of metal-stack'],
  ['csi-carina-sc', 'Carina'],
]);

/** Says what keeps the volumes of this provisioner on one node, or nothing if it does not do that. */
function localReason(provisioner: string, parameters: { readonly [key: string]: string }): string | undefined {
  // These two are remote only when they keep copies on other nodes.
  // https://longhorn.io/docs/latest/high-availability/data-locality/
  if (provisioner === 'driver.longhorn.io') {
    if (parameters.dataLocality === 'strict-local') {
      return 'Longhorn with dataLocality strict-local';
    }
    return parameters.numberOfReplicas === '1' ? 'Longhorn with numberOfReplicas 1' : undefined;
  }
  // https://github.com/hwameistor/hwameistor/blob/main/helm/hwameistor/templates/storageclass.yaml
  if (provisioner === 'lvm.hwameistor.io') {
    return parameters.replicaNumber === '2' ? undefined : 'HwameiStor LVM without replicaNumber 2';
  }
  return LOCAL_PROVISIONERS.get(provisioner);
}

/**
 * Refuses a provisioner that keeps its volumes on one node.
 *
 * @throws with the reason, and with what to do instead
 */
export function refuseLocalProvisioner(provisioner: string, parameters: { readonly [key: string]: string }): void {
  const reason = localReason(provisioner, parameters);
  if (reason !== undefined) {
    throw new Error(
      `provisioner ${JSON.stringify(provisioner)} keeps each volume on one node (${reason}), so the data dies with that node: use a provisioner of remote storage, or ${WAY_OUT} on a development cluster`,
    );
  }
}

/**
 * Refuses the well-known name of a class whose volumes stay on one node.
 *
 * @throws with the reason, and with what to do instead
 */
export function refuseLocalClassName(storageClassName: string): void {
  const reason = LOCAL_CLASS_NAMES.get(storageClassName);
  if (reason !== undefined) {
    throw new Error(
      `storageClassName ${JSON.stringify(storageClassName)} is the usual name of node-local storage (${reason}), where the data dies with its node: name a class of remote storage, or use ${WAY_OUT} on a development cluster`,
    );
  }
}
