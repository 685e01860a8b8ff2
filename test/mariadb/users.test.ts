import { Result, Sandbox } from '../scripts/sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// What users.sh tells the server. Whether the users can then do what they should, only the end-to-end tests can tell.

const ID = '7f'.repeat(16);
const PASSWORDS = { 'superuser-password': 'super-secret', 'replication-password': 'replication-secret', password: 'app-secret' };
const CLIENT = 'if [[ $* == *" -e "* ]]; then echo "$id"; echo "asks: $*" >>"$STUB/calls"; else echo "$* ($MYSQL_PWD)" >>"$STUB/calls"; cat >"$STUB/sql"; fi';

function users(mode: string, passwords: { [file: string]: string } = {}, settings: { [name: string]: string } = {}, client = CLIENT): Promise<Result> {
  sandbox = new Sandbox(0, { replication_user: 'replicator', user: 'shop_app', database: 'shop', ...settings }, { scriptsOf: 'mariadb' });
  Object.entries({ ...PASSWORDS, ...passwords }).forEach(([file, password]) => sandbox.write(`credentials/${file}`, password));
  sandbox.write('stub/mariadb', `#!/usr/bin/env bash\n${client}\n`);
  return sandbox.run(`chmod +x "$STUB/mariadb"; PATH=$STUB:$PATH "$scripts/users.sh" ${mode} || exit $?`, { MYSQL_PWD: '', ...(mode === 'initial' ? { identity: ID } : { id: ID }) });
}
const sql = (): string[] => sandbox.read('stub/sql').split('\n').slice(0, -1);

test('as the database is made, root tells it, with the password that it has by then', async () => {
  expect(await users('initial')).toMatchObject({ status: 0, log: [] });
  expect(sandbox.calls).toEqual(['--skip-ssl -S /run/mysqld/mysqld.sock -u root (super-secret)']);
  expect(sql()).toContain(`INSERT IGNORE INTO cdk8s_stateful.identity VALUES ('${ID}');`);
});

test('later the user of the pod\'s own processes does, without password, and the identity stays', async () => {
  expect(await users('')).toMatchObject({ status: 0, log: [] });
  expect(sandbox.calls).toEqual([
    'asks: --skip-ssl -S /run/mysqld/mysqld.sock -u mysql -N -B -e SELECT id FROM cdk8s_stateful.identity',
    '--skip-ssl -S /run/mysqld/mysqld.sock -u mysql ()',
  ]);
  expect(sql()).toContain(`INSERT IGNORE INTO cdk8s_stateful.identity VALUES ('${ID}');`);
});

test('both say the same', async () => {
  await users('initial');
  const initial = sql();
  await users('');
  expect(sql()).toEqual(initial);
});

test('users, with the passwords of the Secret', async () => {
  await users('');
  const all = `'replicator'@'%', 'follower-${ID}'@'%', 'shop_app'@'%'`;
  expect(sql()).toEqual(expect.arrayContaining([
    `CREATE USER IF NOT EXISTS ${all};`,
    `ALTER USER 'replicator'@'%' IDENTIFIED BY 'replication-secret', 'follower-${ID}'@'%' IDENTIFIED BY 'replication-secret', 'shop_app'@'%' IDENTIFIED BY 'app-secret';`,
    'ALTER USER root@localhost IDENTIFIED BY \'super-secret\';', 'ALTER USER root@\'%\' IDENTIFIED BY \'super-secret\';',
  ]));
});

test('what each may do: only the sidecar writes on a replica, and only who has the identity replicates', async () => {
  await users('');
  expect(sql().filter((line) => /^(GRANT|REVOKE) /.test(line))).toEqual([
    'GRANT ALL ON *.* TO mysql@localhost WITH GRANT OPTION;',
    'GRANT SLAVE MONITOR, BINLOG MONITOR, REPLICATION MASTER ADMIN ON *.* TO \'replicator\'@\'%\';',
    'GRANT SELECT ON cdk8s_stateful.* TO \'replicator\'@\'%\';',
    `GRANT REPLICATION SLAVE ON *.* TO 'follower-${ID}'@'%';`,
    'GRANT ALL ON `shop`.* TO \'shop_app\'@\'%\';',
    'REVOKE READ ONLY ADMIN ON *.* FROM root@localhost;',
    'REVOKE READ ONLY ADMIN ON *.* FROM root@\'%\';',
  ]);
});

test('an underscore in the database\'s name is no wildcard', async () => {
  await users('', {}, { database: 'a_b_c' });
  expect(sql()).toEqual(expect.arrayContaining(['CREATE DATABASE IF NOT EXISTS `a_b_c`;', 'GRANT ALL ON `a\\_b\\_c`.* TO \'shop_app\'@\'%\';']));
});

describe.each(Object.keys(PASSWORDS))('the %s', (key) => {
  const written = async (password: string): Promise<string[]> => {
    await users('', { [key]: password });
    return [...sandbox.read('stub/sql').matchAll(/IDENTIFIED BY ('(?:[^'\\]|\\.|'')*')[,;]/gs)].map(([, text]) => text);
  };
  const count = key === 'password' ? 1 : 2;

  test.each([
    ['it\'s', '\'it\'\'s\''], ['a\\b', '\'a\\\\b\''], ['\\', '\'\\\\\''], ['\\\'', '\'\\\\\'\'\''], ['"$HOME" `id` $(id) %s & *', '\'"$HOME" `id` $(id) %s & *\''],
    ['-n', '\'-n\''], ['ü', '\'ü\''], [' a ', '\' a \''], ['a\n', '\'a\''], ['\'; DROP USER root; --', '\'\'\'; DROP USER root; --\''],
  ])('%j is written as %s', async (password, text) => {
    const all = await written(password);
    expect(all).toHaveLength(5);
    expect(all.filter((each) => each === text)).toHaveLength(count);
  });
});

test('backslashes are read as escapes, whatever the server\'s mode: that is said first', async () => {
  await users('');
  expect(sql()[0]).toBe('SET SESSION sql_mode = REPLACE(@@sql_mode, \'NO_BACKSLASH_ESCAPES\', \'\');');
});

test('fails where the server refuses, and says why without the statement, which has a password', async () => {
  const client = 'if [[ $* == *" -e "* ]]; then echo "$id"; else cat >/dev/null; printf "%s\\n" "ERROR 1396 (HY000) at line 9: no" "--------------" "BY \'secret\'" >&2; exit 1; fi';
  expect(await users('', {}, {}, client)).toMatchObject({ status: 1, log: ['ERROR 1396 (HY000) at line 9: no'] });
});

test('tells nothing where the identity cannot be had', async () => {
  expect((await users('', {}, {}, 'echo "$*" >>"$STUB/calls"; exit 1')).status).toBe(1);
  expect(sandbox.calls).toHaveLength(1);
});
