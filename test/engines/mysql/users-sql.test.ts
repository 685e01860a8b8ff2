import { createHash } from 'node:crypto';
import { tellUsers, Told } from '../mysql-common/users';

// What MySQL is told of its users. Whether they can then do what they should, only the end-to-end tests can tell.

const ID = '7f'.repeat(10);
interface Said {
  readonly sql: string[];
  readonly hashed: string;
  readonly out: Told;
}
const told = async (given = {}): Promise<Said> => {
  const out = await tellUsers('mysql', ID, given);
  const hashed = out.sandbox.has('stub/hashed') ? out.sandbox.read('stub/hashed') : '';
  await out.sandbox.dispose();
  return { sql: out.sql, hashed, out };
};
const sql = async (given = {}): Promise<string[]> =>
  (await told(given)).sql.map((line) => line.replaceAll(/0x[0-9a-f]+/g, 'HASH'));
const hex = (text: string): string => Buffer.from(text).toString('hex');

test('users, by hashes: no policy for passwords can refuse them, and no log has them', async () => {
  const all = (await told()).sql.join('\n');
  expect(all).not.toMatch(/secret/);
  expect((await sql()).filter((line) => /^(CREATE|ALTER) USER/.test(line))).toEqual([
    'CREATE USER IF NOT EXISTS mysql@localhost IDENTIFIED WITH auth_socket;',
    `CREATE USER IF NOT EXISTS 'replicator'@'%' IDENTIFIED WITH caching_sha2_password AS HASH, 'follower-${ID}'@'%' IDENTIFIED WITH caching_sha2_password AS HASH, 'shop_app'@'%' IDENTIFIED WITH caching_sha2_password AS HASH;`,
    `ALTER USER 'replicator'@'%' IDENTIFIED WITH caching_sha2_password AS HASH, 'follower-${ID}'@'%' IDENTIFIED WITH caching_sha2_password AS HASH REQUIRE SSL WITH MAX_USER_CONNECTIONS 65535 PASSWORD EXPIRE NEVER ACCOUNT UNLOCK;`,
    "ALTER USER 'shop_app'@'%' IDENTIFIED WITH caching_sha2_password AS HASH ACCOUNT UNLOCK;",
    "CREATE USER IF NOT EXISTS root@localhost IDENTIFIED WITH caching_sha2_password AS HASH, root@'%' IDENTIFIED WITH caching_sha2_password AS HASH;",
    "ALTER USER root@localhost IDENTIFIED WITH caching_sha2_password AS HASH, root@'%' IDENTIFIED WITH caching_sha2_password AS HASH ACCOUNT UNLOCK;",
  ]);
});

test('while the database is made root keeps the password that the entry point knows', async () => {
  expect((await sql({ mode: 'initial' })).filter((line) => line.includes('root'))).toEqual([]);
});

test('who follows has a password that is derived, as MySQL takes 32 characters', async () => {
  const derived = createHash('sha256')
    .update(`follower:${'AB'.repeat(32)}`)
    .digest('hex')
    .slice(0, 32);
  expect((await told()).hashed.match(/@password = 0x[0-9a-f]+/g)).toEqual(
    ['super-secret', 'replication-secret', derived, 'app-secret'].map((text) => `@password = 0x${hex(text)}`),
  );
});

test('before a password is said, nothing of this session is logged or seen', async () => {
  const lines = (await told()).hashed.split('\n');
  expect(lines[0]).toMatch(/sql_log_off = ON, long_query_time = 86400;$/);
  expect(lines[1]).toBe(
    "UPDATE performance_schema.threads SET instrumented = 'NO' WHERE processlist_id = CONNECTION_ID();",
  );
});

test.each([
  ['it\'s \\ "x"', 10],
  ['ü', 2],
  ['x'.repeat(100), 100],
])('the password %j is counted in bytes: %i', async (password, bytes) => {
  expect((await told({ passwords: { password } })).hashed).toContain(`SHA2(REPEAT(@password, ${bytes}), 256)`);
});

test("the text of a hash is SHA-crypt's", async () => {
  const { out } = await told({
    mode: 'initial',
    client:
      '[[ $(cat) != *RECURSIVE* ]] || echo 0C6BBCBF94E8C4195787E266E05474AB52B99C7EE42A6459D8DB162F22D3B3AA; cat >/dev/null',
  });
  expect(out.status).toBe(0);
  const text = await told({
    client: `case "$*" in *"SELECT id"*) echo ${ID} ;; *partial*) echo 0 ;; *) sql=$(cat); case $sql in *RECURSIVE*) echo 0C6BBCBF94E8C4195787E266E05474AB52B99C7EE42A6459D8DB162F22D3B3AA ;; *) echo "$sql" >"$STUB/sql" ;; esac ;; esac`,
  });
  const [hash] = /0x[0-9a-f]+/.exec(text.sql.join(' ')) ?? [''];
  // As `openssl passwd -5` has it for this digest.
  expect(Buffer.from(hash.slice(2), 'hex').toString()).toMatch(
    /^\$A\$00A\$[0-9A-Za-z./]{20}Y9C1aha8wG4sNFpjoF7qcjxeK63ltal9L70bHvrVne8$/,
  );
});

test.each(['exit 1', 'echo nonsense', ':'])('nothing is set where a hash cannot be had: %s', async (fails) => {
  const { out, sql: said } = await told({
    client: `case "$*" in *"SELECT id"*) echo ${ID} ;; *) sql=$(cat); case $sql in *RECURSIVE*) ${fails} ;; *) echo "$sql" >"$STUB/sql" ;; esac ;; esac`,
  });
  expect(out.status).not.toBe(0);
  expect(said).toEqual([]);
});

test('what each may do: only who has the identity copies and follows', async () => {
  expect((await sql()).filter((line) => /^(GRANT|REVOKE) /.test(line))).toEqual([
    'GRANT ALL ON *.* TO mysql@localhost WITH GRANT OPTION;',
    "GRANT PROCESS, REPLICATION CLIENT, REPLICATION SLAVE, CONNECTION_ADMIN ON *.* TO 'replicator'@'%';",
    "GRANT SELECT ON cdk8s_stateful.* TO 'replicator'@'%';",
    "GRANT SELECT ON performance_schema.* TO 'replicator'@'%';",
    `GRANT REPLICATION SLAVE, BACKUP_ADMIN, CONNECTION_ADMIN ON *.* TO 'follower-${ID}'@'%';`,
    "GRANT ALL ON `shop`.* TO 'shop_app'@'%';",
    'GRANT ALL ON *.* TO root@localhost WITH GRANT OPTION;',
    "GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;",
  ]);
});

test.each([
  ['0', 'a\\_b\\_c'],
  ['1', 'a_b_c'],
])("an underscore in the database's name is no wildcard, where partial_revokes is %s", async (partial, name) => {
  expect(await sql({ settings: { database: 'a_b_c' }, environment: { partial } })).toEqual(
    expect.arrayContaining(['CREATE DATABASE IF NOT EXISTS `a_b_c`;', `GRANT ALL ON \`${name}\`.* TO 'shop_app'@'%';`]),
  );
});
