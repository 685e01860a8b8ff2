import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Result, Sandbox } from '../../core/scripts/sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// only-init.sh as it is, under the server's name, but for where the image has the server.
function call(server: string, args: string): Promise<Result> {
  sandbox = new Sandbox(0);
  const script = readFileSync(
    join(__dirname, '..', '..', '..', 'lib', 'engines', 'mysql-common', 'scripts', 'only-init.sh'),
    'utf8',
  );
  expect(script).toContain(' "/usr/sbin/');
  sandbox.write(`only/${server}`, script.replace('/usr/sbin/', `${sandbox.folder}/stub/`));
  sandbox.write(`stub/${server}`, '#!/usr/bin/env bash\necho "$@"\nexit 3\n');
  return sandbox.run(
    `chmod +x "$STUB/${server}" "$STUB/../only/${server}"; PATH=$STUB/../only:$PATH; ${server} ${args} || exit $?`,
  );
}

describe.each(['mysqld', 'mariadbd'])('%s', (server) => {
  test.each(['--skip-networking', '--help', '--initialize-insecure', '--bootstrap'])(
    'is the server where it is called with %s',
    async (flag) => {
      for (const args of [flag, `--datadir=/a ${flag}`, `--verbose ${flag} --socket=/b`]) {
        expect(await call(server, args)).toMatchObject({ status: 3, out: `${args}\n` });
        await sandbox.dispose();
      }
    },
  );

  test.each(['', '--datadir=/a --server-id=1', '--skip-networking=0', '--datadir=/a/--help'])(
    'ends well where it would serve: %j',
    async (args) => {
      expect(await call(server, args)).toMatchObject({ status: 0, out: '', log: [] });
    },
  );
});
