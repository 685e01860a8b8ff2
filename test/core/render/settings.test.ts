import { spawnSync } from 'node:child_process';
import { settingsFile } from '../../../lib/core/render/settings';

test('plain words stay as they are, so that a reviewer can read them', () => {
  expect(settingsFile({ port: '5432', volume: '/var/lib/db', lost_primary: 'recover' })).toBe(
    'port=5432\nvolume=/var/lib/db\nlost_primary=recover\n',
  );
});

test('bash reads every value as it was given', () => {
  const values = [
    '',
    ' ',
    'a b',
    "it's",
    "''",
    '"$HOME"',
    '$(false)',
    '`false`',
    'a\\',
    '\\',
    'a\nb',
    '#',
    '~',
    '*',
    '!x',
    'a;b',
    'ü',
    '{{ x }}',
    '-n',
  ];
  const settings = Object.fromEntries(values.map((value, i) => [`v${i}`, value]));
  const print = Object.keys(settings)
    .map((name) => `printf '%s\\0' "$${name}"`)
    .join('\n');
  const { stdout, stderr } = spawnSync(
    'bash',
    ['-c', `set -euo pipefail; HOME=wrong\n${settingsFile(settings)}${print}`],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(stdout.split('\0').slice(0, -1)).toEqual(values);
});
