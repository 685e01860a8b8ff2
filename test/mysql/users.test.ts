import { createHash } from 'node:crypto';
import { Result, Sandbox } from '../scripts/sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// What users.sh tells the server. Whether the users can then do what they should, only the end-to-end tests can tell.

const ID = '7f'.repeat(10);
const PASSWORDS = { 'superuser-password': 'super-secret', 'replication-password': 'replication-secret', password: 'app-secret' };
const CLIENT = 'if [[ $* == *" -e "* ]]; then echo "$id"; echo "asks: $*" >>"$STUB/calls"; else echo "$* ($MYSQL_PWD)" >>"$STUB/calls"; cat >"$STUB/sql"; fi';

function users(mode: string, passwords: { [file: string]: string } = {}, settings: { [name: string]: string } = {}, client = CLIENT): Promise<Result> {
  sandbox = new Sandbox(0, { replication_user: 'replicator', user: 'shop_app', database: 'shop', ...settings }, { scriptsOf: 'mysql' });
  Object.entries({ ...PASSWORDS, ...passwords }).forEach(([file, password]) => sandbox.write(`credentials/${file}`, password));
  sandbox.write('stub/mysql', `#!/usr/bin/env bash\n${client}\n`);
  return sandbox.run(`chmod +x "$STUB/mysql"; PATH=$STUB:$PATH "$scripts/users.sh" ${mode} || exit $?`, { MYSQL_PWD: '', ...(mode === 'initial' ? { identity: ID } : { id: ID }) });
}
const sql = (): string[] => sandbox.read('stub/sql').split('\n').slice(0, -1);
/** The password of the user that replicas follow as. */
const derived = (password: string): string => createHash('sha256').update(`follower:${password}`).digest('hex').slice(0, 32);

test('as the database is made, root tells it, with the password that it has by then', async () => {
  expect(await users('initial')).toMatchObject({ status: 0, log: [] });
  expect(sandbox.calls).toEqual(['-S /var/run/mysqld/mysqld.sock -u root (super-secret)']);
  expect(sql()).toContain(`INSERT IGNORE INTO cdk8s_stateful.identity (id) VALUES ('${ID}');`);
});

test('later the user of the pod\'s own processes says the same, without password, and the identity stays', async () => {
  await users('initial');
  const initial = sql();
  expect(await users('')).toMatchObject({ status: 0, log: [] });
  expect(sandbox.calls).toEqual([
    'asks: -S /var/run/mysqld/mysqld.sock -u mysql -N -B -e SELECT id FROM cdk8s_stateful.identity', '-S /var/run/mysqld/mysqld.sock -u mysql ()',
  ]);
  expect(sql()).toEqual(initial);
});

test('users, with the passwords of the Secret; who follows has one that is derived, as MySQL takes 32 characters', async () => {
  await users('');
  expect(sql()).toEqual(expect.arrayContaining([
    `CREATE USER IF NOT EXISTS 'replicator'@'%', 'follower-${ID}'@'%', 'shop_app'@'%';`,
    `ALTER USER 'replicator'@'%' IDENTIFIED BY 'replication-secret', 'follower-${ID}'@'%' IDENTIFIED BY '${derived('replication-secret')}' REQUIRE SSL;`,
    'ALTER USER \'shop_app\'@\'%\' IDENTIFIED BY \'app-secret\';', 'ALTER USER root@localhost IDENTIFIED BY \'super-secret\';', 'ALTER USER root@\'%\' IDENTIFIED BY \'super-secret\';',
  ]));
});

test('what each may do: only who has the identity copies and follows', async () => {
  await users('');
  expect(sql().filter((line) => /^(GRANT|REVOKE) /.test(line))).toEqual([
    'GRANT ALL ON *.* TO mysql@localhost WITH GRANT OPTION;',
    'GRANT PROCESS, REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO \'replicator\'@\'%\';',
    'GRANT SELECT ON cdk8s_stateful.* TO \'replicator\'@\'%\';',
    'GRANT SELECT ON performance_schema.* TO \'replicator\'@\'%\';',
    `GRANT REPLICATION SLAVE, BACKUP_ADMIN ON *.* TO 'follower-${ID}'@'%';`,
    'GRANT ALL ON `shop`.* TO \'shop_app\'@\'%\';',
  ]);
});

test('an underscore in the database\'s name is no wildcard', async () => {
  await users('', {}, { database: 'a_b_c' });
  expect(sql()).toEqual(expect.arrayContaining(['CREATE DATABASE IF NOT EXISTS `a_b_c`;', 'GRANT ALL ON `a\\_b\\_c`.* TO \'shop_app\'@\'%\';']));
});

test.each([['superuser-password', 2], ['replication-password', 1], ['password', 1]])('the %s is written %i times, quoted, whatever is in it', async (key, count) => {
  const text = '\'; DROP USER root; -- "$HOME" \\ `id`';
  await users('', { [key]: text });
  expect(sandbox.read('stub/sql').split('\'\'\'; DROP USER root; -- "$HOME" \\\\ `id`\'')).toHaveLength(count + 1);
  expect(sql()[0]).toBe('SET SESSION sql_mode = REPLACE(@@sql_mode, \'NO_BACKSLASH_ESCAPES\', \'\');'); // so that backslashes are read as escapes
});

test('fails where the server refuses, and says why without the statement, which has a password', async () => {
  const client = 'if [[ $* == *" -e "* ]]; then echo "$id"; else cat >/dev/null; printf "%s\\n" "ERROR 1396 (HY000) at line 9: no" "BY \'secret\'" >&2; exit 1; fi';
  expect(await users('', {}, {}, client)).toMatchObject({ status: 1, log: ['ERROR 1396 (HY000) at line 9: no'] });
});

test('tells nothing where the identity cannot be had', async () => {
  expect((await users('', {}, {}, 'echo "$*" >>"$STUB/calls"; exit 1')).status).toBe(1);
  expect(sandbox.calls).toHaveLength(1);
});
