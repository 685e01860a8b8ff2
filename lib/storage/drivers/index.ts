export * from './aws-ebs';
export * from './azure-disk';
export * from './ceph-rbd';
export * from './cinder';
export * from './file-system';
export * from './gce-pd';
export * from './longhorn';
export * from './vsphere';
