import { compareVersions, isSameSeries } from '../../lib/values/versions';

test.each([
  ['17', '17.5', 0],
  ['17.5', '17', 0],
  ['17.4', '17.5', -1],
  ['17.10', '17.9', 1],
  ['9.6.24', '10', -1],
  ['8.0.36', '8.0.36', 0],
])('%s compared with %s', (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
  expect(Math.sign(compareVersions(b, a))).toBe(-sign || 0);
});

test.each([
  ['postgres', '17.4', '17.5', true],
  ['postgres', '17', '18', false],
  ['postgres', '9.5.1', '9.6.1', false],
  ['postgres', '9.6', '10.1', false],
  ['mysql', '8.0.36', '8.0.37', true],
  ['mysql', '8.0.36', '8.4.0', false],
  ['mysql', '5.7', '8.0', false],
  ['mysql', '8', '8.4', true],
  ['mariadb', '10.6.1', '10.6.18', true],
  ['mariadb', '10.6', '10.11', false],
  ['mariadb', '11.8', '12.3', false],
  ['mongodb', '4.2.1', '4.4.1', false],
  ['mongodb', '6.0.1', '6.0.9', true],
  ['cockroachdb', '23.1.1', '23.2.1', false],
  ['redis', '7.2', '7.4', true],
  ['redis', '7.4', '8.0', false],
  ['minio', '2024.12.18', '2025.1.1', true],
  ['clickhouse', '24.8', '25.3', true],
  ['something-else', '1', '2', false],
])('the files of %s %s and %s: the same is %s', (engine, a, b, expected) => {
  expect(isSameSeries(engine, a, b)).toBe(expected);
  expect(isSameSeries(engine, b, a)).toBe(expected);
});
