import { tellUsers } from '../mysql-family/users';

// What MariaDB is told of its users. Whether they can then do what they should, only the end-to-end tests can tell.

const ID = '7f'.repeat(16);
const sql = async (given = {}): Promise<string[]> => {
  const told = await tellUsers('mariadb', ID, given);
  await told.sandbox.dispose();
  return told.sql;
};

test('users, with the passwords of the Secret', async () => {
  const all = `'replicator'@'%', 'follower-${ID}'@'%', 'shop_app'@'%'`;
  expect(await sql()).toEqual(expect.arrayContaining([
    `CREATE USER IF NOT EXISTS ${all};`,
    `ALTER USER 'replicator'@'%' IDENTIFIED BY 'replication-secret', 'follower-${ID}'@'%' IDENTIFIED BY 'replication-secret', 'shop_app'@'%' IDENTIFIED BY 'app-secret';`,
    'ALTER USER root@localhost IDENTIFIED BY \'super-secret\';', 'ALTER USER root@\'%\' IDENTIFIED BY \'super-secret\';',
  ]));
});

test('what each may do: only the sidecar writes on a replica, and only who has the identity replicates', async () => {
  expect((await sql()).filter((line) => /^(GRANT|REVOKE) /.test(line))).toEqual([
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
  expect(await sql({ settings: { database: 'a_b_c' } })).toEqual(expect.arrayContaining(['CREATE DATABASE IF NOT EXISTS `a_b_c`;', 'GRANT ALL ON `a\\_b\\_c`.* TO \'shop_app\'@\'%\';']));
});

test.each([['superuser-password', 2], ['replication-password', 2], ['password', 1]])('the %s is written %i times, quoted', async (key, count) => {
  expect((await sql({ passwords: { [key]: 'it\'s' } })).join('\n').split('\'it\'\'s\'')).toHaveLength(count + 1);
});
