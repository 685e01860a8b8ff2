import { Sandbox } from '../../core/scripts/sandbox';
import { Given, tellUsers, Told } from './users';

const sandboxes: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(sandboxes.splice(0).map((sandbox) => sandbox.dispose()));
});

// How users.sh tells the server; what it tells MySQL and MariaDB is in their own tests. Whether the users can then do
// what they should, only the end-to-end tests can tell.

const ID = '7f'.repeat(10);

describe.each([
  ['mysql', '--no-defaults --compression-algorithms=uncompressed,zlib,zstd -S /var/run/mysqld/mysqld.sock'],
  ['mariadb', '--no-defaults --skip-ssl -S /run/mysqld/mysqld.sock'],
] as const)('%s', (engine, client) => {
  const tell = async (given: Given = {}): Promise<Told> => {
    const told = await tellUsers(engine, ID, given);
    sandboxes.push(told.sandbox);
    return told;
  };

  test('as the database is made, root tells it, with the password that it has by then', async () => {
    const { status, log, sql, sandbox } = await tell({ mode: 'initial' });
    expect({ status, log }).toEqual({ status: 0, log: [] });
    expect(sandbox.calls).toEqual([`${client} -u root (super-secret)`]);
    expect(sql.find((line) => line.startsWith('INSERT IGNORE INTO cdk8s_stateful.identity'))).toMatch(
      new RegExp(`VALUES \\('${ID}'\\);$`),
    );
  });

  test("later the user of the pod's own processes says the same, without password, and the identity stays", async () => {
    const { status, log, sql, sandbox } = await tell();
    expect({ status, log }).toEqual({ status: 0, log: [] });
    expect(sandbox.calls).toEqual([
      `asks: ${client} -u mysql -N -B -e SELECT id FROM cdk8s_stateful.identity`,
      `${client} -u mysql ()`,
    ]);
    const first = (await tell({ mode: 'initial' })).sql;
    expect(sql.map((line) => line.replaceAll(/0x[0-9a-f]+/g, 'HASH'))).toEqual(
      expect.arrayContaining(first.map((line) => line.replaceAll(/0x[0-9a-f]+/g, 'HASH'))),
    );
  });

  test('to another server of this pod, where it is told so', async () => {
    const { sandbox } = await tell({ environment: { STATEFUL_SOCKET: '/other' } });
    expect(sandbox.calls.at(-1)).toBe(`${client.replace(/ -S .*/, '')} -S /other -u mysql ()`);
  });

  test('fails where the server refuses, and says why without the statement, which has a password', async () => {
    const refuses =
      'if [[ $* == *" -e "* ]]; then echo "$id"; elif [[ $(cat) == *RECURSIVE* ]]; then printf %064d 0; else printf "%s\\n" "ERROR 1396 (HY000) at line 9: no" "--------------" "BY \'secret\'" >&2; exit 1; fi';
    expect(await tell({ client: refuses })).toMatchObject({
      status: 1,
      log: ['ERROR 1396 (HY000) at line 9: users or passwords were refused'],
    });
  });

  test('tells nothing where the identity cannot be had', async () => {
    const { status, sandbox } = await tell({ client: 'echo called >>"$STUB/calls"; exit 1' });
    expect(status).toBe(1);
    expect(sandbox.calls).toHaveLength(1);
  });
});

test.each([
  ['plain', "'plain'"],
  ["it's", "'it''s'"],
  ['a\\b', "'a\\\\b'"],
  ['\\', "'\\\\'"],
  ["\\'", "'\\\\'''"],
  ['"$HOME" `id` $(id) %s & *', '\'"$HOME" `id` $(id) %s & *\''],
  ['-n', "'-n'"],
  ['ü', "'ü'"],
  [' a ', "' a '"],
  ['a\n', "'a'"],
  ["'; DROP USER root; --", "'''; DROP USER root; --'"],
])('the text %j is written as %s', async (text, written) => {
  const sandbox = new Sandbox(0, {}, { scriptsOf: 'mariadb', and: 'mysql-common' });
  sandboxes.push(sandbox);
  sandbox.write('credentials/text', text);
  expect((await sandbox.run('quoted "$(<"$credentials/text")"')).out).toBe(written);
});
