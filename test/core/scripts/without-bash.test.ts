import { Sandbox, withoutBash } from './sandbox';

// The same again, run by a shell that is not bash, as in an image that has none. TEST_SH names another one than `sh`.
withoutBash();

test('it is not bash under another name', async () => {
  const sandbox = new Sandbox(0);
  expect((await sandbox.run('echo "${BASH_VERSION:-none}"')).out).toBe('none\n');
  await sandbox.dispose();
});

describe.each(['bootstrap', 'copy', 'pod', 'leave', 'overrides', 'prepare', 'probes', 'run', 'sync', 'volume'])('%s', (suite) => {
  jest.requireActual(`./${suite}.test`);
});
