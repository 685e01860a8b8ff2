import { MySqlVersion, PostgresVersion, RedisVersion, ValkeyVersion } from '../../../lib';

test.each([
  [PostgresVersion.V17, '17', 17, 'postgres:17-trixie'],
  [PostgresVersion.V18, '18', 18, 'postgres:18-trixie'],
  [PostgresVersion.of('17.11', 'postgres:17.11-bookworm'), '17.11', 17, 'postgres:17.11-bookworm'],
  [
    PostgresVersion.of('19', 'mirror.example.com/postgres@sha256:0123'),
    '19',
    19,
    'mirror.example.com/postgres@sha256:0123',
  ],
])('%o', (version, text, major, image) => {
  expect({ ...version }).toEqual({ version: text, major, image });
});

test.each(['', '16', '16.9', '9.6', 'latest', '17-bookworm', '17.', '17.1.2.3', '-17', ' 17', '17\n', '1e3', 'v17'])(
  '%j is no version',
  (version) => {
    expect(() => PostgresVersion.of(version, 'postgres')).toThrow(
      `version must be '17' or later, with or without minor numbers, got '${version}'`,
    );
  },
);

test.each(['', ' ', '\n', 'postgres:17 ', 'postgres 17'])('%j is no image', (image) => {
  expect(() => PostgresVersion.of('17.4', image)).toThrow(`image must be a reference without blanks, got '${image}'`);
});

test('the version of another engine has another type', () => {
  const accept = (version: PostgresVersion): PostgresVersion => version;
  // @ts-expect-error MySqlVersion is no PostgresVersion
  accept(MySqlVersion.V9_7);
  // @ts-expect-error nor is RedisVersion a ValkeyVersion
  const valkey: ValkeyVersion = RedisVersion.V8;
  expect(valkey).toBe(RedisVersion.V8);
});
