import { BackupStore } from '../../lib';
import { refusalOf } from '../refusal';

// How each store is reached, and what each option must be.

const any = (value: unknown): never => value as never;
const keys = { secretName: 'backup-store' };
const s3 = { bucket: 'backups', ...keys };
const sftp = { host: 'backup.example.com', user: 'backup', ...keys };

describe('rclone is told', () => {
  test.each<[string, BackupStore, object]>([
    [
      'S3 of AWS',
      BackupStore.s3({ bucket: 'backups', ...keys }),
      {
        _path: 'backups',
        _ports: [443],
        _options: {
          type: 's3',
          provider: 'AWS',
          region: 'us-east-1',
          env_auth: 'false',
          no_check_bucket: 'true',
          upload_cutoff: '5G',
        },
        _secretKeys: { access_key_id: 'access-key-id', secret_access_key: 'secret-access-key' },
        secretName: 'backup-store',
        serviceAccountName: undefined,
        rcloneImage: 'rclone/rclone:1',
      },
    ],
    [
      'what speaks S3',
      BackupStore.s3({
        ...s3,
        endpoint: 'https://s3.example.com:9000/x',
        region: 'eu-1',
        folder: 'team-a/db',
        accessKeyIdKey: 'id',
        secretAccessKeyKey: 'key',
        provider: 'Ceph',
        rcloneImage: 'mirror/rclone:1.75',
      }),
      {
        _path: 'backups/team-a/db',
        _ports: [9000],
        _options: { provider: 'Ceph', region: 'eu-1', endpoint: 'https://s3.example.com:9000/x', env_auth: 'false' },
        _secretKeys: { access_key_id: 'id', secret_access_key: 'key' },
        rcloneImage: 'mirror/rclone:1.75',
      },
    ],
    [
      'S3 of another provider',
      BackupStore.s3({ ...s3, endpoint: 'http://minio' }),
      { _options: { provider: 'Other' }, _ports: [80] },
    ],
    [
      'S3 by workload identity',
      BackupStore.s3({ bucket: 'backups', serviceAccountName: 'backup', endpoint: 'http://minio:9000' }),
      {
        _options: { env_auth: 'true' },
        _secretKeys: {},
        _ports: [9000, 443],
        secretName: undefined,
        serviceAccountName: 'backup',
      },
    ],
    [
      'GCS',
      BackupStore.gcs({ bucket: 'backups', ...keys, serviceAccountKey: 'key.json', folder: 'a' }),
      {
        _path: 'backups/a',
        _ports: [443],
        _options: { type: 'google cloud storage', bucket_policy_only: 'true', no_check_bucket: 'true' },
        _secretKeys: { service_account_credentials: 'key.json' },
      },
    ],
    [
      'GCS by its usual key',
      BackupStore.gcs({ bucket: 'backups', ...keys }),
      { _secretKeys: { service_account_credentials: 'service-account.json' } },
    ],
    [
      'GCS by workload identity',
      BackupStore.gcs({ bucket: 'backups', serviceAccountName: 'backup' }),
      { _options: { env_auth: 'true' }, _secretKeys: {} },
    ],
    [
      'Azure',
      BackupStore.azureBlob({ account: 'shop', container: 'backups', ...keys, accountKey: 'key' }),
      {
        _path: 'backups',
        _ports: [443],
        _options: { type: 'azureblob', account: 'shop', no_check_container: 'true' },
        _secretKeys: { key: 'key' },
      },
    ],
    [
      'Azure by its usual key',
      BackupStore.azureBlob({ account: 'shop', container: 'backups', ...keys }),
      { _secretKeys: { key: 'account-key' } },
    ],
    [
      'Azure by workload identity',
      BackupStore.azureBlob({ account: 'shop', container: 'backups', serviceAccountName: 'backup' }),
      { _options: { env_auth: 'true' } },
    ],
    [
      'SFTP',
      BackupStore.sftp({ ...sftp, port: 2222, folder: 'db', privateKeyKey: 'id', knownHostsKey: 'hosts' }),
      {
        _path: 'db',
        _ports: [2222],
        _options: { type: 'sftp', host: 'backup.example.com', port: '2222', user: 'backup' },
        _secretKeys: { key_file: 'id', known_hosts_file: 'hosts' },
      },
    ],
    [
      'SFTP as usual',
      BackupStore.sftp(sftp),
      {
        _path: '',
        _options: { port: '22' },
        _ports: [22],
        _secretKeys: { key_file: 'private-key', known_hosts_file: 'known-hosts' },
      },
    ],
    [
      'what a Secret configures',
      BackupStore.rclone({ ...keys, remote: 'nas', folder: 'db', configurationKey: 'conf' }),
      {
        _remote: 'nas',
        _path: 'db',
        _ports: [],
        _options: undefined,
        _secretKeys: { 'rclone.conf': 'conf' },
      },
    ],
    [
      'what a Secret configures, as usual',
      BackupStore.rclone({ ...keys, remote: 'nas' }),
      { _path: '', _secretKeys: { 'rclone.conf': 'rclone.conf' } },
    ],
  ])('of %s', (_, store, expected) => {
    expect(store).toMatchObject(expected);
  });
});

const ofName = "must begin with a letter or digit, and have letters, digits, '-', '_', '.' and '@' only, got";
const ofSubdomain = "must be a dns subdomain (lower case letters, digits, '-' and '.', at most 253 characters), got";
const ofFolder =
  "folder must be names of letters, digits, '-', '_' and '.', with '/' between them and none at either end, got";
const ofUrl = 'endpoint must be a URL, as https://s3.example.com, got';
const ofKey = "must have letters, digits, '-', '_' and '.' only, got";
const nothingOpens =
  'secretName must be given, or serviceAccountName where the store knows a workload identity: otherwise nothing opens the store';

test.each<[string, () => unknown, string]>([
  ['nothing', () => BackupStore.s3(any(undefined)), 'options must be an object, got undefined'],
  ['no bucket', () => BackupStore.s3(any(keys)), 'bucket must be a string, got undefined'],
  ['a bucket with a line of its own', () => BackupStore.s3({ ...s3, bucket: 'a\nb' }), `bucket ${ofName} 'a\nb'`],
  ['a bucket with a folder', () => BackupStore.s3({ ...s3, bucket: 'a/b' }), `bucket ${ofName} 'a/b'`],
  ['a region with a blank', () => BackupStore.s3({ ...s3, region: 'eu 1' }), `region ${ofName} 'eu 1'`],
  ['a provider that is none', () => BackupStore.s3({ ...s3, provider: '' }), `provider ${ofName} ''`],
  [
    'an endpoint without a scheme',
    () => BackupStore.s3({ ...s3, endpoint: 's3.example.com' }),
    `${ofUrl} 's3.example.com'`,
  ],
  [
    'an endpoint with a password',
    () => BackupStore.s3({ ...s3, endpoint: 'https://me:secret@s3.example.com' }),
    `${ofUrl} 'https://me:secret@s3.example.com'`,
  ],
  [
    'an endpoint that is a number',
    () => BackupStore.s3({ ...s3, endpoint: any(1) }),
    'endpoint must be a string, got 1',
  ],
  ['no keys, and no account', () => BackupStore.s3({ bucket: 'backups' }), nothingOpens],
  ['no keys of GCS, and no account', () => BackupStore.gcs({ bucket: 'backups' }), nothingOpens],
  ['no keys of Azure, and no account', () => BackupStore.azureBlob({ account: 'a', container: 'b' }), nothingOpens],
  [
    'the name of a Secret that cannot be',
    () => BackupStore.s3({ bucket: 'backups', secretName: 'My Secret' }),
    `secretName ${ofSubdomain} "My Secret"`,
  ],
  [
    'an account that cannot be',
    () => BackupStore.s3({ bucket: 'backups', serviceAccountName: 'A' }),
    `serviceAccountName ${ofSubdomain} "A"`,
  ],
  ['a key that cannot be', () => BackupStore.s3({ ...s3, accessKeyIdKey: 'a/b' }), `accessKeyIdKey ${ofKey} 'a/b'`],
  [
    'a secret key that cannot be',
    () => BackupStore.s3({ ...s3, secretAccessKeyKey: '..' }),
    `secretAccessKeyKey ${ofKey} '..'`,
  ],
  ['a folder that begins at the top', () => BackupStore.s3({ ...s3, folder: '/a' }), `${ofFolder} '/a'`],
  ['a folder that leads out', () => BackupStore.s3({ ...s3, folder: 'a/../b' }), `${ofFolder} 'a/../b'`],
  ['a folder that ends in none', () => BackupStore.s3({ ...s3, folder: 'a/' }), `${ofFolder} 'a/'`],
  [
    'an image in capitals',
    () => BackupStore.s3({ ...s3, rcloneImage: 'RCLONE' }),
    "rcloneImage must be a reference in lower case without blanks, got 'RCLONE'",
  ],
  [
    'an image that is a number',
    () => BackupStore.s3({ ...s3, rcloneImage: any(1) }),
    'rcloneImage must be a string, got 1',
  ],
  ['GCS without options', () => BackupStore.gcs(any(null)), 'options must be an object, got null'],
  ['GCS without a bucket', () => BackupStore.gcs(any(keys)), 'bucket must be a string, got undefined'],
  [
    'a key of GCS that cannot be',
    () => BackupStore.gcs({ bucket: 'b', ...keys, serviceAccountKey: '' }),
    `serviceAccountKey ${ofKey} ''`,
  ],
  [
    'Azure without an account',
    () => BackupStore.azureBlob(any({ container: 'b', ...keys })),
    'account must be a string, got undefined',
  ],
  [
    'Azure without a container',
    () => BackupStore.azureBlob(any({ account: 'a', ...keys })),
    'container must be a string, got undefined',
  ],
  [
    'a key of Azure that cannot be',
    () => BackupStore.azureBlob({ account: 'a', container: 'b', ...keys, accountKey: ' ' }),
    `accountKey ${ofKey} ' '`,
  ],
  ['SFTP to no name', () => BackupStore.sftp({ ...sftp, host: 'a b' }), `host ${ofSubdomain} "a b"`],
  ['SFTP without a user', () => BackupStore.sftp(any({ host: 'a', ...keys })), 'user must be a string, got undefined'],
  [
    'SFTP to no port',
    () => BackupStore.sftp({ ...sftp, port: 0 }),
    'port must be a whole number from 1 to 65535, got 0',
  ],
  [
    'SFTP to a port in words',
    () => BackupStore.sftp({ ...sftp, port: any('22') }),
    "port must be a whole number from 1 to 65535, got '22'",
  ],
  [
    'SFTP without a Secret',
    () => BackupStore.sftp(any({ host: 'a', user: 'b' })),
    `secretName ${ofSubdomain} undefined`,
  ],
  [
    'a key of SFTP that cannot be',
    () => BackupStore.sftp({ ...sftp, privateKeyKey: 'a b' }),
    `privateKeyKey ${ofKey} 'a b'`,
  ],
  [
    'known hosts that cannot be',
    () => BackupStore.sftp({ ...sftp, knownHostsKey: 'a b' }),
    `knownHostsKey ${ofKey} 'a b'`,
  ],
  ['a remote with a colon', () => BackupStore.rclone({ ...keys, remote: 'nas:' }), `remote ${ofName} 'nas:'`],
  [
    'a remote without a Secret',
    () => BackupStore.rclone(any({ remote: 'nas' })),
    `secretName ${ofSubdomain} undefined`,
  ],
  [
    'a configuration key that cannot be',
    () => BackupStore.rclone({ ...keys, remote: 'nas', configurationKey: '.' }),
    `configurationKey ${ofKey} '.'`,
  ],
])('refused: %s', (_, make, message) => {
  expect(refusalOf(make)).toBe(message);
});
