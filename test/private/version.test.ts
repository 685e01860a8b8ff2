import { checkVersion } from '../../lib/private/version';

test.each([['8', 8], ['8.2', 8], ['8.2.1', 8], ['9', 9], ['10.0.4', 10], ['999.9999.9999', 999]])('%s is of the major version %i', (version, major) => {
  expect(checkVersion(version, 'image', '8')).toBe(major);
});

test.each(['', '7', '7.9', '0', '1000', '8.', '.8', '8.2.', '8.2.1.1', '8.12345', '-8', ' 8', '8\n', 'v8', '8e1', '8-bookworm', 'latest'])('%j is no version', (version) => {
  expect(() => checkVersion(version, 'image', '8')).toThrow(`version must be '8' or later, with or without minor numbers, got '${version}'`);
});

test.each(['redis:8', 'mirror.example.com/redis@sha256:0123'])('%s is an image', (image) => {
  expect(() => checkVersion('8', image, '8')).not.toThrow();
});

test.each(['', ' ', '\n', 'redis:8 ', 'redis 8', 'redis\t8'])('%j is no image', (image) => {
  expect(() => checkVersion('8', image, '8')).toThrow(`image must be a reference without blanks, got '${image}'`);
});

test.each([['11.8', true], ['11.8.8', true], ['11.10', true], ['12', true], ['11', true], ['11.7', false], ['11.4.12', false], ['10.11', false]])('from 11.8 on, %s: %s', (version, allowed) => {
  const check = (): number => checkVersion(version, 'image', '11.8');
  if (allowed) {
    expect(check).not.toThrow();
  } else {
    expect(check).toThrow(`version must be '11.8' or later, with or without minor numbers, got '${version}'`);
  }
});
