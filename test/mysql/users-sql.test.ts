import { createHash } from 'node:crypto';
import { tellUsers } from '../mysql-family/users';

// What MySQL is told of its users. Whether they can then do what they should, only the end-to-end tests can tell.

const ID = '7f'.repeat(10);
const sql = async (given = {}): Promise<string[]> => {
  const told = await tellUsers('mysql', ID, given);
  await told.sandbox.dispose();
  return told.sql;
};

test('users, with the passwords of the Secret; who follows has one that is derived, as MySQL takes 32 characters', async () => {
  const derived = createHash('sha256').update('follower:replication-secret').digest('hex').slice(0, 32);
  expect(await sql()).toEqual(expect.arrayContaining([
    `CREATE USER IF NOT EXISTS 'replicator'@'%', 'follower-${ID}'@'%', 'shop_app'@'%';`,
    `ALTER USER 'replicator'@'%' IDENTIFIED BY 'replication-secret', 'follower-${ID}'@'%' IDENTIFIED BY '${derived}' REQUIRE SSL;`,
    'ALTER USER \'shop_app\'@\'%\' IDENTIFIED BY \'app-secret\';', 'ALTER USER root@localhost IDENTIFIED BY \'super-secret\';', 'ALTER USER root@\'%\' IDENTIFIED BY \'super-secret\';',
  ]));
});

test('what each may do: only who has the identity copies and follows', async () => {
  expect((await sql()).filter((line) => /^(GRANT|REVOKE) /.test(line))).toEqual([
    'GRANT ALL ON *.* TO mysql@localhost WITH GRANT OPTION;',
    'GRANT PROCESS, REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO \'replicator\'@\'%\';',
    'GRANT SELECT ON cdk8s_stateful.* TO \'replicator\'@\'%\';',
    'GRANT SELECT ON performance_schema.* TO \'replicator\'@\'%\';',
    `GRANT REPLICATION SLAVE, BACKUP_ADMIN ON *.* TO 'follower-${ID}'@'%';`,
    'GRANT ALL ON `shop`.* TO \'shop_app\'@\'%\';',
  ]);
});

test('an underscore in the database\'s name is no wildcard', async () => {
  expect(await sql({ settings: { database: 'a_b_c' } })).toEqual(expect.arrayContaining(['CREATE DATABASE IF NOT EXISTS `a_b_c`;', 'GRANT ALL ON `a\\_b\\_c`.* TO \'shop_app\'@\'%\';']));
});

test.each([['superuser-password', 2], ['replication-password', 1], ['password', 1]])('the %s is written %i times, quoted', async (key, count) => {
  expect((await sql({ passwords: { [key]: 'it\'s' } })).join('\n').split('\'it\'\'s\'')).toHaveLength(count + 1);
});
