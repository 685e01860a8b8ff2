/** What every store has, whatever it speaks. */
export interface BackupStoreOptions {
  /**
   * A folder in the store, for all that is written there: `team-a/databases`. Below it each set has its own, by
   * namespace, name, and identity of its data, so that many sets share a store.
   *
   * @default - none: the store's top
   */
  readonly folder?: string;

  /**
   * Name of a ServiceAccount of the set's namespace whose workload identity the store knows (IRSA, GKE workload
   * identity, Azure workload identity), for stores without keys. Its API token stays unmounted; what the cloud's
   * webhook mounts does not.
   *
   * @default - the keys of the Secret
   */
  readonly serviceAccountName?: string;

  /**
   * The image that rclone's program is taken from.
   *
   * @default 'rclone/rclone:1'
   * @see https://hub.docker.com/r/rclone/rclone
   */
  readonly rcloneImage?: string;
}

/** Options of `BackupStore.s3`. */
export interface S3StoreOptions extends BackupStoreOptions {
  /** Name of the bucket. It must exist: nothing here makes or deletes one. */
  readonly bucket: string;

  /**
   * Where the store answers: `https://s3.example.com`.
   *
   * @default - AWS, by the region
   */
  readonly endpoint?: string;

  /**
   * The region, as the store names it.
   *
   * @default 'us-east-1'
   */
  readonly region?: string;

  /**
   * Name of a Secret of the set's namespace with the keys.
   *
   * @default - none: workload identity, by `serviceAccountName`
   */
  readonly secretName?: string;

  /**
   * Key in the Secret of the access key's id.
   *
   * @default 'access-key-id'
   */
  readonly accessKeyIdKey?: string;

  /**
   * Key in the Secret of the secret access key.
   *
   * @default 'secret-access-key'
   */
  readonly secretAccessKeyKey?: string;

  /**
   * What the store is, in rclone's word: `AWS`, `Ceph`, `Minio`, `Cloudflare`, `Other`. It changes details of the
   * protocol.
   *
   * @default - 'AWS' without an endpoint, else 'Other'
   * @see https://rclone.org/s3/#s3-provider
   */
  readonly provider?: string;
}

/** Options of `BackupStore.gcs`. */
export interface GcsStoreOptions extends BackupStoreOptions {
  /** Name of the bucket. It must exist. */
  readonly bucket: string;

  /**
   * Name of a Secret with the JSON key of a service account.
   *
   * @default - none: workload identity, by `serviceAccountName`
   */
  readonly secretName?: string;

  /**
   * Key in the Secret of that JSON.
   *
   * @default 'service-account.json'
   */
  readonly serviceAccountKey?: string;
}

/** Options of `BackupStore.azureBlob`. */
export interface AzureBlobStoreOptions extends BackupStoreOptions {
  /** Name of the storage account. */
  readonly account: string;

  /** Name of the container. It must exist. */
  readonly container: string;

  /**
   * Name of a Secret with the account's key.
   *
   * @default - none: workload identity, by `serviceAccountName`
   */
  readonly secretName?: string;

  /**
   * Key in the Secret of the account's key.
   *
   * @default 'account-key'
   */
  readonly accountKey?: string;
}

/** Options of `BackupStore.sftp`. */
export interface SftpStoreOptions extends BackupStoreOptions {
  /** DNS name of the server. */
  readonly host: string;

  /**
   * Its port.
   *
   * @default 22
   */
  readonly port?: number;

  /** Whom to log in as. */
  readonly user: string;

  /**
   * Name of a Secret with a private key, and the server's own public key: a server that cannot show that one is sent
   * nothing.
   */
  readonly secretName: string;

  /**
   * Key in the Secret of the private key, in PEM or OpenSSH's form, without a passphrase.
   *
   * @default 'private-key'
   */
  readonly privateKeyKey?: string;

  /**
   * Key in the Secret of the server's keys, as lines of a `known_hosts` file.
   *
   * @default 'known-hosts'
   */
  readonly knownHostsKey?: string;
}

/** Options of `BackupStore.rclone`. */
export interface RcloneStoreOptions extends BackupStoreOptions {
  /** Name of a Secret with an rclone configuration file. */
  readonly secretName: string;

  /**
   * Key in the Secret of that file.
   *
   * @default 'rclone.conf'
   */
  readonly configurationKey?: string;

  /** Name of the remote in that file: what stands there in brackets. */
  readonly remote: string;
}
