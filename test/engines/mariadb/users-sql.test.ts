import { createHash } from 'node:crypto';
import { Given, tellUsers } from '../mysql-common/users';

// What MariaDB is told of its users. Whether they can then do what they should, only the end-to-end tests can tell.

const ID = '7f'.repeat(16);
const sql = async (given: Given = {}): Promise<string[]> => {
  const told = await tellUsers('mariadb', ID, given);
  await told.sandbox.dispose();
  return told.sql;
};
/** As MariaDB's mysql_native_password keeps a password. */
function hash(password: string): string {
  return `BY PASSWORD '*${createHash('sha1').update(createHash('sha1').update(password).digest()).digest('hex').toUpperCase()}'`;
}
const FOLLOWER = createHash('sha256')
  .update(`follower:${'AB'.repeat(32)}`)
  .digest('hex'); // of the stretched password, as tellUsers writes it

test('users, with what MariaDB makes of the passwords of the Secret', async () => {
  expect(await sql()).toEqual(
    expect.arrayContaining([
      `CREATE USER IF NOT EXISTS 'replicator'@'%' IDENTIFIED ${hash('replication-secret')}, 'follower-${ID}'@'%' IDENTIFIED ${hash(FOLLOWER)}, 'shop_app'@'%' IDENTIFIED ${hash('app-secret')};`,
      `ALTER USER 'replicator'@'%' IDENTIFIED ${hash('replication-secret')}, 'follower-${ID}'@'%' IDENTIFIED ${hash(FOLLOWER)} PASSWORD EXPIRE NEVER ACCOUNT UNLOCK;`,
      `ALTER USER 'shop_app'@'%' IDENTIFIED ${hash('app-secret')} ACCOUNT UNLOCK;`,
      `ALTER USER root@localhost IDENTIFIED ${hash('super-secret')}, root@'%' IDENTIFIED ${hash('super-secret')} ACCOUNT UNLOCK;`,
    ]),
  );
  expect(hash("re'pl")).toBe("BY PASSWORD '*DE9A939220DC9C768F5423320FB936E7DE66E10F'"); // as a server said
});

test('what each may do: only the sidecar writes on a replica, and only who has the identity replicates', async () => {
  expect((await sql()).filter((line) => /^(GRANT|REVOKE) /.test(line))).toEqual([
    'GRANT ALL ON *.* TO mysql@localhost WITH GRANT OPTION;',
    "GRANT PROCESS, SLAVE MONITOR, BINLOG MONITOR, REPLICATION MASTER ADMIN, CONNECTION ADMIN ON *.* TO 'replicator'@'%';",
    "GRANT SELECT ON cdk8s_stateful.* TO 'replicator'@'%';",
    `GRANT REPLICATION SLAVE, CONNECTION ADMIN ON *.* TO 'follower-${ID}'@'%';`,
    "GRANT ALL ON `shop`.* TO 'shop_app'@'%';",
    'GRANT ALL ON *.* TO root@localhost WITH GRANT OPTION;',
    "GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;",
    'REVOKE READ ONLY ADMIN ON *.* FROM root@localhost;',
    "REVOKE READ ONLY ADMIN ON *.* FROM root@'%';",
  ]);
});

test("an underscore in the database's name is no wildcard", async () => {
  expect(await sql({ settings: { database: 'a_b_c' } })).toEqual(
    expect.arrayContaining(['CREATE DATABASE IF NOT EXISTS `a_b_c`;', "GRANT ALL ON `a\\_b\\_c`.* TO 'shop_app'@'%';"]),
  );
});

// MariaDB writes such statements to its log as they are: every replica has it, and anyone who may read it.
test.each(['secret', "it's", 'a\\b', '"$HOME" %s *', 'ü', '-n', 'x'.repeat(1000)])(
  'no statement has a password: %j',
  async (password) => {
    const told = (
      await sql({ passwords: { 'superuser-password': password, 'replication-password': password, password } })
    ).join('\n');
    expect(told).not.toContain(password.length > 1 ? `'${password}` : password);
    expect(told.split(hash(password))).toHaveLength(2 * 4 + 1); // created and altered, root twice
  },
);

test('a policy for passwords is none for those of the Secret, and holds for all others again', async () => {
  const told = await sql();
  expect(told.slice(1, 3)).toEqual([
    'SET @strict = @@global.strict_password_validation;',
    'SET GLOBAL strict_password_validation = 0;',
  ]);
  expect(told.at(-1)).toBe('SET GLOBAL strict_password_validation = @strict;');
});

// An account expires by default_password_lifetime, also one without a password; the set could not be mended any more.
test('our own accounts do not expire', async () => {
  const told = (await sql()).join('\n');
  expect(told).toContain('ALTER USER mysql@localhost IDENTIFIED VIA unix_socket PASSWORD EXPIRE NEVER ACCOUNT UNLOCK;');
  expect(told.match(/PASSWORD EXPIRE NEVER/g)).toHaveLength(2);
});

test('our session keeps the statements out of the logs of queries', async () => {
  expect((await sql())[0]).toMatch(/^SET SESSION .*sql_log_off = 1, slow_query_log = 0;$/);
});
