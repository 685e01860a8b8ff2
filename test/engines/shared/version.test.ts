import { checkVersion, KnownVersions } from '../../../lib/engines/shared/version';

const redis: KnownVersions = { name: 'redis', oldest: '8', latest: 10 };
const mariadb: KnownVersions = { name: 'mariadb', oldest: '11.8', latest: 13 };
const rclone: KnownVersions = { name: 'rclone', oldest: '1.75', latest: 1, onAlpine: true };

test.each([
  ['8', 8],
  ['8.2', 8],
  ['8.2.1', 8],
  ['9', 9],
  ['10.0.4', 10],
  ['10.9999.9999', 10],
])('%s is of the major version %i', (version, major) => {
  expect(checkVersion(version, 'image:1', redis)).toBe(major);
});

test.each([
  '',
  '7',
  '7.9',
  '0',
  '1000',
  '8.',
  '.8',
  '8.2.',
  '8.2.1.1',
  '8.12345',
  '-8',
  ' 8',
  '8\n',
  'v8',
  '8e1',
  '8-bookworm',
  'latest',
])('%j is no version', (version) => {
  expect(() => checkVersion(version, 'image:1', redis)).toThrow(
    `version must be '8' or later, with or without minor numbers, got '${version}'`,
  );
});

test.each([
  [8, '8'],
  [undefined, 'undefined'],
  [null, 'null'],
  [['8'], 'a list'],
])('%j is no text', (version, shown) => {
  expect(() => checkVersion(version as unknown as string, 'image:1', redis)).toThrow(
    `version must be '8' or later, with or without minor numbers, got ${shown}`,
  );
});

test('what is not released is refused with the reason', () => {
  expect(() => checkVersion('9rc1', 'redis:9rc1', redis)).toThrow(
    /got '9rc1': a version that is not released may not open what it wrote before$/,
  );
});

test.each(['11', '11.0', '999'])('%s does not exist', (version) => {
  expect(() => checkVersion(version, 'image:1', redis)).toThrow(
    `version must be of a major version from 8 to 10, got '${version}': there is none such`,
  );
});

test.each([
  'redis:8',
  'redis:8.2',
  'redis:8-bookworm',
  'mirror.example.com/redis@sha256:0123',
  'mirror.example.com:5000/a/b_c/redis:8.2.1@sha256:0123',
  'localhost/redis:stable',
  'acme/key-value-with-modules:4',
  'redis:20260801',
])('%s is an image', (image) => {
  expect(() => checkVersion('8.2.1', image, redis)).not.toThrow();
});

test.each(['', ' ', '\n', 'redis:8 ', 'redis 8', 'redis\t8'])('%j is no image', (image) => {
  expect(() => checkVersion('8', image, redis)).toThrow(`image must be a reference without blanks, got '${image}'`);
});

test.each([undefined, null, 8])('%j is no image', (image) => {
  expect(() => checkVersion('8', image as unknown as string, redis)).toThrow(
    `image must be a reference without blanks, got ${image}`,
  );
});

test.each(['Registry/Redis:8', 'redis:', 'redis:8@', 'redis:8@sha256:', 'redis::8', '/redis:8', 'http://x/redis:8'])(
  '%j is no reference',
  (image) => {
    expect(() => checkVersion('8', image, redis)).toThrow("image must be a reference in lower case, as 'redis:8' or");
  },
);

test.each(['redis', 'redis:latest', 'registry.example.com:5000/redis', 'acme/with-modules:latest'])(
  '%s moves to any version',
  (image) => {
    expect(() => checkVersion('8', image, redis)).toThrow(
      `image must have a tag of one major version, or a digest, got '${image}'`,
    );
  },
);

test.each(['redis:8-alpine', 'redis:8.2-alpine3.22@sha256:0123', 'registry.example.com:5000/redis:8-ubi9'])(
  '%s lacks what the scripts need',
  (image) => {
    expect(() => checkVersion('8', image, redis)).toThrow(
      /^image must be the official one's default, got '.*': .*; take '(registry\.example\.com:5000\/)?redis:8'$/,
    );
  },
);

test('rclone itself is on Alpine', () => {
  expect(checkVersion('1.76', 'rclone/rclone:1.76-alpine', rclone)).toBe(1);
});

test.each(['redis:7', 'redis:7.4-bookworm', 'mirror/redis:9.0', 'redis:8.1', 'redis:8.2.10'])(
  '%s is another version',
  (image) => {
    expect(() => checkVersion('8.2.1', image, redis)).toThrow(
      `image must be of version 8.2.1, as the version says, got '${image}'`,
    );
  },
);

test.each(['valkey/valkey:8', 'postgres:8', 'mirror.example.com/mysql@sha256:0123'])(
  '%s is another engine',
  (image) => {
    expect(() => checkVersion('8', image, redis)).toThrow(`image must be one of redis, got '${image}'`);
  },
);

test.each([
  ['11.8', true],
  ['11.8.8', true],
  ['11.10', true],
  ['12', true],
  ['11', true],
  ['11.7', false],
  ['11.4.12', false],
  ['10.11', false],
])('from 11.8 on, %s: %s', (version, allowed) => {
  const check = (): number => checkVersion(version, 'image:1', mariadb);
  if (allowed) {
    expect(check).not.toThrow();
  } else {
    expect(check).toThrow(`version must be '11.8' or later, with or without minor numbers, got '${version}'`);
  }
});
