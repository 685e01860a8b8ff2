import { checkObject, checkText, shown } from '../values/checks';
import { dnsSubdomain } from '../values/dns-subdomain';
import { isImage } from '../values/image';
import {
  AzureBlobStoreOptions,
  BackupStoreOptions,
  GcsStoreOptions,
  RcloneStoreOptions,
  S3StoreOptions,
  SftpStoreOptions,
} from './backup-store-options';
import { checkFolder, checkName, checkSecretKey, checkUrl } from './private/store-checks';

/** A line of rclone's configuration. */
interface RcloneOptions {
  readonly [option: string]: string;
}

/** What a store is made of: how rclone reaches it, and which keys of which Secret that takes. */
interface StoreParts {
  /** rclone's options of the remote; none where a Secret has its whole configuration. */
  readonly options?: RcloneOptions;
  /** Of a remote that a Secret configures. */
  readonly remote?: string;
  /** Where in the store, below the remote. */
  readonly path: string;
  /** Where it listens; not known of what a Secret configures. */
  readonly ports: readonly number[];
  readonly secretName?: string;
  /** Keys of the Secret, by the file names that the scripts know them under. */
  readonly secretKeys?: { readonly [fileName: string]: string };
}

const RCLONE_IMAGE = 'rclone/rclone:1';
const HTTPS = 443;

/**
 * Where backups are: an object store, or another place that rclone reaches. Nothing is read from it, or written to it,
 * at synth.
 *
 * @example
 * const store = BackupStore.s3({ bucket: 'backups', endpoint: 'https://s3.example.com', region: 'eu-1', secretName:
 * 'backup-store' });
 */
export class BackupStore {
  /**
   * S3, and what speaks it.
   *
   * Each object is sent in one piece, so that the store's own checksum of it is compared with what was sent.
   *
   * @throws if an option cannot be, by its name
   * @see https://rclone.org/s3/
   */
  public static s3(options: S3StoreOptions): BackupStore {
    const {
      bucket,
      endpoint,
      region = 'us-east-1',
      secretName,
      provider = endpoint === undefined ? 'AWS' : 'Other',
    } = checkObject('options', options);
    return new BackupStore(options, {
      options: {
        type: 's3',
        provider: checkName('provider', provider),
        region: checkName('region', region),
        ...(endpoint !== undefined && { endpoint: checkUrl('endpoint', endpoint) }),
        env_auth: secretName === undefined ? 'true' : 'false',
        no_check_bucket: 'true',
        upload_cutoff: '5G',
      },
      path: checkName('bucket', bucket),
      // Workload identity asks the cloud, and not the store.
      ports: [
        ...new Set([endpoint === undefined ? HTTPS : portOf(endpoint), ...(secretName === undefined ? [HTTPS] : [])]),
      ],
      secretName,
      secretKeys: {
        access_key_id: checkSecretKey('accessKeyIdKey', options.accessKeyIdKey ?? 'access-key-id'),
        secret_access_key: checkSecretKey('secretAccessKeyKey', options.secretAccessKeyKey ?? 'secret-access-key'),
      },
    });
  }

  /**
   * Google Cloud Storage.
   *
   * @throws if an option cannot be, by its name
   * @see https://rclone.org/googlecloudstorage/
   */
  public static gcs(options: GcsStoreOptions): BackupStore {
    const { bucket, secretName } = checkObject('options', options);
    return new BackupStore(options, {
      options: {
        type: 'google cloud storage',
        bucket_policy_only: 'true',
        no_check_bucket: 'true',
        ...(secretName === undefined && { env_auth: 'true' }),
      },
      path: checkName('bucket', bucket),
      ports: [HTTPS],
      secretName,
      secretKeys: {
        service_account_credentials: checkSecretKey(
          'serviceAccountKey',
          options.serviceAccountKey ?? 'service-account.json',
        ),
      },
    });
  }

  /**
   * Azure Blob Storage.
   *
   * @throws if an option cannot be, by its name
   * @see https://rclone.org/azureblob/
   */
  public static azureBlob(options: AzureBlobStoreOptions): BackupStore {
    const { account, container, secretName } = checkObject('options', options);
    return new BackupStore(options, {
      options: {
        type: 'azureblob',
        account: checkName('account', account),
        no_check_container: 'true',
        ...(secretName === undefined && { env_auth: 'true' }),
      },
      path: checkName('container', container),
      ports: [HTTPS],
      secretName,
      secretKeys: { key: checkSecretKey('accountKey', options.accountKey ?? 'account-key') },
    });
  }

  /**
   * A server that speaks SFTP. Its files are compared by reading them back, where it cannot say a checksum.
   *
   * @throws if an option cannot be, by its name
   * @see https://rclone.org/sftp/
   */
  public static sftp(options: SftpStoreOptions): BackupStore {
    const { host, port = 22, user, secretName } = checkObject('options', options);
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      throw new Error(`port must be a whole number from 1 to 65535, got ${shown(port)}`);
    }
    return new BackupStore(options, {
      options: { type: 'sftp', host: dnsSubdomain(host, 'host'), port: String(port), user: checkName('user', user) },
      path: '',
      ports: [port],
      secretName: dnsSubdomain(secretName, 'secretName'),
      secretKeys: {
        key_file: checkSecretKey('privateKeyKey', options.privateKeyKey ?? 'private-key'),
        known_hosts_file: checkSecretKey('knownHostsKey', options.knownHostsKey ?? 'known-hosts'),
      },
    });
  }

  /**
   * Any other place that rclone knows, configured by a file in a Secret. Where a NetworkPolicy closes the pods' way
   * out, one of yours must open what leads there: the port is not known here.
   *
   * @throws if an option cannot be, by its name
   * @see https://rclone.org/overview/
   */
  public static rclone(options: RcloneStoreOptions): BackupStore {
    const { remote, secretName } = checkObject('options', options);
    return new BackupStore(options, {
      remote: checkName('remote', remote),
      path: '',
      ports: [],
      secretName: dnsSubdomain(secretName, 'secretName'),
      secretKeys: { 'rclone.conf': checkSecretKey('configurationKey', options.configurationKey ?? 'rclone.conf') },
    });
  }

  /** Name of the Secret with the store's keys, where it takes any. */
  public readonly secretName?: string;

  /** Name of the ServiceAccount whose workload identity the store knows. */
  public readonly serviceAccountName?: string;

  /** The image that rclone's program is taken from. */
  public readonly rcloneImage: string;

  /** @internal */
  public readonly _options: { readonly [option: string]: string } | undefined;

  /** @internal */
  public readonly _remote: string | undefined;

  /** @internal */
  public readonly _path: string;

  /** @internal */
  public readonly _secretKeys: { readonly [fileName: string]: string };

  /** @internal */
  public readonly _ports: readonly number[];

  private constructor(
    { folder, serviceAccountName, rcloneImage = RCLONE_IMAGE }: BackupStoreOptions,
    { options, remote, path, ports, secretName, secretKeys = {} }: StoreParts,
  ) {
    if (!isImage(checkText('rcloneImage', rcloneImage))) {
      throw new Error(`rcloneImage must be a reference in lower case without blanks, got ${shown(rcloneImage)}`);
    }
    if (secretName === undefined && serviceAccountName === undefined) {
      throw new Error(
        'secretName must be given, or serviceAccountName where the store knows a workload identity: otherwise nothing opens the store',
      );
    }
    this.secretName = secretName === undefined ? undefined : dnsSubdomain(secretName, 'secretName');
    this.serviceAccountName =
      serviceAccountName === undefined ? undefined : dnsSubdomain(serviceAccountName, 'serviceAccountName');
    this.rcloneImage = rcloneImage;
    this._options = options;
    this._remote = remote;
    this._path = [path, folder === undefined ? '' : checkFolder('folder', folder)]
      .filter((part) => part !== '')
      .join('/');
    this._ports = ports;
    this._secretKeys = this.secretName === undefined ? {} : secretKeys;
  }
}

/** Where a URL leads to. */
function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port === '' ? (protocol === 'https:' ? HTTPS : 80) : Number(port);
}
