import { PostgresVersion } from '../../lib';

test.each([
  [PostgresVersion.V17, '17', 17, 'postgres:17'],
  [PostgresVersion.V18, '18', 18, 'postgres:18'],
  [PostgresVersion.of('17.11', 'postgres:17.11-bookworm'), '17.11', 17, 'postgres:17.11-bookworm'],
  [PostgresVersion.of('19', 'mirror.example.com/postgres@sha256:0123'), '19', 19, 'mirror.example.com/postgres@sha256:0123'],
  [PostgresVersion.of('100.2', 'postgres:100.2'), '100.2', 100, 'postgres:100.2'],
])('%o', (version, text, major, image) => {
  expect({ ...version }).toEqual({ version: text, major, image });
});

test.each(['', '16', '16.9', '9.6', 'latest', '17-bookworm', '17.', '17.1.2.3', '-17', ' 17', '17\n', '1e3', 'v17'])('%j is no version', (version) => {
  expect(() => PostgresVersion.of(version, 'postgres')).toThrow(`version must be '17' or later, with or without minor numbers, got '${version}'`);
});

test.each(['', ' ', '\n', 'postgres:17 ', 'postgres 17'])('%j is no image', (image) => {
  expect(() => PostgresVersion.of('17.4', image)).toThrow(`image must be a reference without blanks, got '${image}'`);
});
