import { dnsSubdomain } from '../../lib/values/dns-subdomain';

test.each(['a', '0', 'a.b', 'a-b.c-d', 'a'.repeat(253)])('%s', (name) => {
  expect(dnsSubdomain(name, 'prop')).toBe(name);
});

test.each(['', '.', 'a.', '.a', 'a..b', '-a', 'a-', 'a-.b', 'A', 'a_b', 'ä', 'a\n', 'a'.repeat(254)])(
  'not %j',
  (name) => {
    expect(() => dnsSubdomain(name, 'prop')).toThrow(
      `prop must be a dns subdomain (lower case letters, digits, '-' and '.', at most 253 characters), got ${JSON.stringify(name)}`,
    );
  },
);
