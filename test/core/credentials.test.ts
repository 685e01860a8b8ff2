import { Credentials } from '../../lib';

test('the keys have names of their own', () => {
  expect({ ...Credentials.fromSecret('orders-credentials') }).toEqual({
    secretName: 'orders-credentials',
    superuserPasswordKey: 'superuser-password',
    replicationPasswordKey: 'replication-password',
    passwordKey: 'password',
  });
});

test('any of them can be another', () => {
  expect({
    ...Credentials.fromSecret('c', { superuserPassword: 'admin', replicationPassword: 'r', password: 'p' }),
  }).toEqual({
    secretName: 'c',
    superuserPasswordKey: 'admin',
    replicationPasswordKey: 'r',
    passwordKey: 'p',
  });
  expect(Credentials.fromSecret('c', { password: 'p' }).superuserPasswordKey).toBe('superuser-password');
});

test.each(['', 'Upper', 'a_b', '-a', 'a-', 'a..b', 'a b', 'a\n', 'a'.repeat(254)])(
  '%j is no name of a Secret',
  (name) => {
    expect(() => Credentials.fromSecret(name)).toThrow(
      `credentials must be a dns subdomain (lower case letters, digits, '-' and '.', at most 253 characters), got ${JSON.stringify(name)}`,
    );
  },
);

test.each(['', 'a b', 'a/b', 'ä', 'a\n', 'a'.repeat(254)])('%j is no key of a Secret', (key) => {
  const message = `keys must have letters, digits, '-', '_' and '.' only, got '${key}'`;
  expect(() => Credentials.fromSecret('c', { superuserPassword: key })).toThrow(message);
  expect(() => Credentials.fromSecret('c', { replicationPassword: key })).toThrow(message);
  expect(() => Credentials.fromSecret('c', { password: key })).toThrow(message);
});

test.each([
  ['two that are given', { superuserPassword: 'p', password: 'p' }, "'p', 'replication-password', 'p'"],
  [
    "one that is given and another's own",
    { replicationPassword: 'password' },
    "'superuser-password', 'password', 'password'",
  ],
])('a key has one password: not %s', (_, keys, got) => {
  expect(() => Credentials.fromSecret('c', keys)).toThrow(
    `keys must differ, as superuser, replication and application have a password each, got ${got}`,
  );
});
