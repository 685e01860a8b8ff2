import { Client, Reply, succeeded } from './client';
import { Database, User } from './driver';

export const MEBIBYTE = 1024 * 1024;
const PASSWORDS: { readonly [user in User]: string } = { superuser: '$SUPERUSER_PASSWORD', app: '$APP_PASSWORD' };
const NAMES: { readonly [user in User]: string } = { superuser: 'root', app: 'app' };

/** Errors of a client that found nobody, or a server that does not serve yet or any more; any other is an answer. */
const UNAVAILABLE = [
  'ERROR 2002',
  'ERROR 2003',
  'ERROR 2005',
  'ERROR 2006',
  'ERROR 2013',
  'ERROR 2026',
  'ERROR 1053',
  'ERROR 1927',
  'ERROR 2027',
  'ERROR 2000',
];

/** Users with their passwords and rights, and what is of ours in tables and events: none of it is the application's. */
const OWN_OBJECTS = `
SELECT * FROM mysql.user ORDER BY User, Host;
SELECT * FROM mysql.db ORDER BY User, Host, Db;
SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema NOT IN ('app', 'performance_schema', 'information_schema') ORDER BY 1, 2;
SELECT event_schema, event_name FROM information_schema.events WHERE event_schema <> 'app' ORDER BY 1, 2`;

/** What an application sets that relies on it: where a DBA sets something else for all. */
const SESSION =
  'SET SESSION autocommit = 1, transaction_read_only = 0, sql_select_limit = 18446744073709551615, sql_big_selects = 1, group_concat_max_len = 1000000, completion_type = 0';

/** How many kinds of writes the writer has. */
const KINDS = 11;
/** Of these a second table has so many rows, in the same transaction or statement. */
const PAIRED = { transaction: 1, batch: 5 };
const BATCH = 3;
/**
 * To load from, in turns: far more than the statements that wait in the pipe while the server stalls, or one would be
 * written again before it is read.
 */
const FILES = 400;

/**
 * Each way in which an application writes, by the shell's `$id`, which is a whole number; `$id % KINDS` says which.
 * What is rolled back, deleted or truncated must not be there, and all else must.
 */
const WRITES: readonly string[] = [
  'INSERT INTO e2e_writes (id) VALUES ($id);',
  'BEGIN; INSERT INTO e2e_pairs (id, part) VALUES ($id, 1); INSERT INTO e2e_writes (id) VALUES ($id); COMMIT;',
  'BEGIN; INSERT INTO e2e_writes (id) VALUES ($id); SAVEPOINT a; INSERT INTO e2e_moved (id) VALUES (-$id); ROLLBACK TO a; RELEASE SAVEPOINT a; COMMIT;',
  'CALL e2e_write($id);',
  "PREPARE s FROM 'INSERT INTO e2e_writes (id) VALUES (?)'; SET @id = $id; EXECUTE s USING @id; DEALLOCATE PREPARE s;",
  'BEGIN; INSERT INTO e2e_pairs (id, part) VALUES ($id, 1), ($id, 2), ($id, 3); INSERT INTO e2e_writes (id) SELECT $id; COMMIT;',
  'INSERT INTO e2e_large (id, text) VALUES ($id, REPEAT(SHA2($id, 256), 1600));',
  'CREATE VIEW e2e_view_$id AS SELECT $id AS id;',
  'INSERT INTO e2e_moved (id) VALUES (-$id), (0); DELETE FROM e2e_moved WHERE id = 0; UPDATE e2e_moved SET id = $id WHERE id = -$id;',
  "XA START '$id'; INSERT INTO e2e_xa (id) VALUES ($id); XA END '$id'; XA PREPARE '$id'; XA COMMIT '$id';",
  "INSERT INTO e2e_truncated (id) VALUES ($id); TRUNCATE e2e_truncated; LOAD DATA LOCAL INFILE '/tmp/e2e-load-$$-$((id / KINDS % FILES))' INTO TABLE e2e_writes (id);",
];

/** Ids of all of them, but of those of which only a part is there. */
const WRITTEN = `
  SELECT w.id FROM e2e_writes AS w WHERE (SELECT COUNT(*) FROM e2e_pairs AS p WHERE p.id = w.id) =
    CASE w.id % ${KINDS} WHEN ${PAIRED.transaction} THEN 1 WHEN ${PAIRED.batch} THEN ${BATCH} ELSE 0 END
  UNION ALL SELECT id FROM e2e_large WHERE LENGTH(text) = 102400 UNION ALL SELECT id FROM e2e_moved WHERE id > 0 UNION ALL SELECT id FROM e2e_xa
  UNION ALL SELECT CAST(SUBSTRING(table_name, 10) AS SIGNED) FROM information_schema.views WHERE table_schema = 'app' AND table_name LIKE 'e2e\\_view\\_%'`;

/** What MariaDB and MySQL have in common, as a client sees them: a command line in the client pod. */
export abstract class MySqlFamilyDatabase implements Database {
  public abstract readonly logBound: number;

  /** The client, with what it needs to connect to a server whose certificate nobody signed. */
  protected abstract readonly clientCommand: string;

  constructor(
    private readonly client: Client,
    private readonly setName: string,
    private readonly primaryService: string,
  ) {}

  public abstract role(ordinal: number): Promise<'primary' | 'replica'>;
  public abstract hasCaughtUp(ordinal: number): Promise<boolean>;
  /** What lists the followers, first of all by their server ids. */
  protected abstract readonly followersStatement: string;
  /** A table of the numbers `seq` from 1 on. */
  protected abstract numbers(count: number): string;
  /** How many times 50,000 rows a recovery takes three seconds of a CPU for. */
  protected abstract readonly burden: number;
  /** What makes a replica a primary, by hand. */
  protected abstract readonly promotion: string;

  public identity(ordinal: number): Promise<string> {
    return this.ask(ordinal, 'SELECT id FROM cdk8s_stateful.identity');
  }

  public async write(target: number | 'primary', user: User): Promise<string | undefined> {
    const { code, err } = await this.sql(target, user, "INSERT INTO e2e_other (note) VALUES ('write')");
    return code === 0 ? undefined : err;
  }

  public isReadOnlyError(error: string): boolean {
    return error.includes('ERROR 1290');
  }

  public async load(): Promise<void> {
    await this.asApp(`
      CREATE TABLE e2e_accounts (id INT PRIMARY KEY, balance INT NOT NULL, filler CHAR(84) NOT NULL);
      INSERT INTO e2e_accounts SELECT seq, 0, SHA2(seq, 256) FROM ${this.numbers(300_000)};
      CREATE TABLE e2e_history (id INT AUTO_INCREMENT PRIMARY KEY, account INT NOT NULL, delta INT NOT NULL, at TIMESTAMP(6) NOT NULL DEFAULT NOW(6));
      CREATE TABLE e2e_writes (id BIGINT PRIMARY KEY, at TIMESTAMP(6) NOT NULL DEFAULT NOW(6));
      CREATE TABLE e2e_pairs (id BIGINT NOT NULL, part INT NOT NULL, PRIMARY KEY (id, part));
      CREATE TABLE e2e_large (id BIGINT PRIMARY KEY, text LONGTEXT NOT NULL);
      CREATE TABLE e2e_moved (id BIGINT PRIMARY KEY);
      CREATE TABLE e2e_xa (id BIGINT PRIMARY KEY);
      CREATE TABLE e2e_truncated (id BIGINT PRIMARY KEY);
      CREATE PROCEDURE e2e_write(IN number BIGINT) INSERT INTO e2e_writes (id) VALUES (number);
      CREATE TABLE e2e_other (id INT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(100) NOT NULL)`);
  }

  public async change(): Promise<void> {
    const transactions = `for ((i = 0; i < 250; i++)); do
      echo "BEGIN; UPDATE e2e_accounts SET balance = balance + $i WHERE id = $((RANDOM * 9 + 1)); INSERT INTO e2e_history (account, delta) VALUES ($RANDOM, $i); COMMIT;"
    done | ${this.command('primary', 'app')}`;
    await this.script(`for client in 1 2 3 4; do ${transactions} & done; wait`);
    await this.asApp(`
      DROP TABLE IF EXISTS e2e_made;
      CREATE TABLE e2e_made (PRIMARY KEY (id)) AS SELECT seq AS id, SHA2(seq, 256) AS text FROM ${this.numbers(10_000)};
      ALTER TABLE e2e_made ADD COLUMN more INT NOT NULL DEFAULT 7;
      CREATE INDEX text ON e2e_made (text);
      UPDATE e2e_made SET more = id WHERE id % 3 = 0;
      DELETE FROM e2e_made WHERE id % 5 = 0`);
  }

  public async grow(bytes: number): Promise<void> {
    const length = 256 * 1024;
    await this.asApp(`CREATE TABLE IF NOT EXISTS e2e_ballast (id INT AUTO_INCREMENT PRIMARY KEY, text LONGBLOB);
      INSERT INTO e2e_ballast (text) SELECT REPEAT(SHA2(RAND(), 256), ${length / 64}) FROM ${this.numbers(Math.ceil(bytes / length))}`);
  }

  public async shrink(): Promise<void> {
    await this.asApp('DROP TABLE e2e_ballast');
  }

  public async checksum(ordinal: number): Promise<string> {
    const tables = await this.ask(
      ordinal,
      "SELECT GROUP_CONCAT(table_name ORDER BY table_name) FROM information_schema.tables WHERE table_schema = 'app' AND table_type = 'BASE TABLE'",
    );
    if (!tables.includes('e2e_accounts')) {
      throw new Error(`ordinal ${ordinal} does not have the tables that were loaded, but: ${tables}`);
    }
    return this.ask(ordinal, `CHECKSUM TABLE ${tables}`);
  }

  public async followers(): Promise<number[]> {
    const hosts = await this.ask(0, this.followersStatement);
    return hosts
      .split('\n')
      .filter((row) => row !== '')
      .map((row) => Number(row.split('\t')[0]) - 1)
      .sort();
  }

  /** All that a primary keeps for one replica is its connection: the log is bounded by size, for all. */
  public async keepsFor(ordinal: number): Promise<boolean> {
    return (await this.followers()).includes(ordinal);
  }

  public async logBytes(): Promise<number> {
    const logs = await this.ask(0, 'SHOW BINARY LOGS');
    return logs.split('\n').reduce((sum, row) => sum + Number(row.split('\t')[1]), 0);
  }

  public async writeLog(bytes: number): Promise<void> {
    const rows = Math.ceil(bytes / 8 / 1000); // eight times, as what is written at once is removed at once
    await this.asApp(`CREATE TABLE e2e_filler (id INT AUTO_INCREMENT PRIMARY KEY, text TEXT);
      ${`INSERT INTO e2e_filler (text) SELECT REPEAT(SHA2(seq, 256), 16) FROM ${this.numbers(rows)}; TRUNCATE e2e_filler;`.repeat(8)}
      DROP TABLE e2e_filler`);
  }

  public async hasApplication(): Promise<boolean> {
    return /^\d+\tapp\t/m.test(await this.ask(0, 'SHOW PROCESSLIST'));
  }

  /**
   * One client as long as its connection lasts, some 40 writes a second, of all kinds in turn. It prints the id once
   * all that belongs to it has committed, and ends with the first error. After a loss the ids go on from the time of
   * day, so none is used twice: what was on its way counts as not acknowledged.
   */
  public writerScript(): string {
    const write = WRITES.map(
      (statements, kind) =>
        `${kind}) echo "${statements.replaceAll('KINDS', String(KINDS)).replaceAll('FILES', String(FILES))}" ;;`,
    ).join('\n          ');
    return `
      exec {bed}<> <(:)
      while :; do
        for ((id = \${EPOCHREALTIME/./}; ; id++)); do
          ((id % ${KINDS} != ${KINDS - 1})) || echo "$id" >"/tmp/e2e-load-$$-$((id / ${KINDS} % ${FILES}))"
          case $((id % ${KINDS})) in
          ${write}
          esac || break
          echo "SELECT $id;" || break
          read -rt 0.02 -u "$bed"
        done 2>/dev/null | ${this.command('primary', 'app')} --local-infile=1 --unbuffered --skip-reconnect 2>/dev/null
        sleep 0.05
      done`;
  }

  public async writtenIds(ordinal: number): Promise<Set<number>> {
    const ids = await this.ask(ordinal, WRITTEN);
    return new Set(
      ids
        .split('\n')
        .filter((id) => id !== '')
        .map(Number),
    );
  }

  public readerScript(ordinal: number): string {
    return `
      while :; do
        out=$(${this.command(ordinal, 'app')} -e 'SELECT COUNT(*) FROM e2e_writes' 2>&1)
        echo "\${out//$'\\n'/ }"
        sleep 0.05
      done`;
  }

  public isUnavailable(error: string): boolean {
    return UNAVAILABLE.some((part) => error.includes(part));
  }

  /**
   * As the application's user: our signs, all connections, other people's sessions, replication, users, files, code on
   * the server, large temporary files, objects with our names. What it can do only within its own database is undone.
   */
  public attackScript(): string {
    const app = this.command('primary', 'app');
    return `
      try() { ${app} --force -e "$1" >/dev/null 2>&1; }
      end=$((SECONDS + 58))
      hold() { while ((SECONDS < end)); do ${app} -e "SELECT GET_LOCK('$1', 0); DO SLEEP(4)" >/dev/null 2>&1; sleep 0.2; done; }
      for name in stateful-ready leaving-1 leaving-2 leaving-9 leaving-99999999999 'leaving-a[\$(id)]' stateful-leaving; do hold "$name" & done
      for ordinal in 1 2; do
        while ((SECONDS < end)); do ${this.command(1, 'app').replace(`${this.setName}-1`, `${this.setName}-$ordinal`)} -e "SELECT GET_LOCK('stateful-ready', 0); DO SLEEP(4)" >/dev/null 2>&1; sleep 0.2; done &
      done
      for ((n = 0; n < 60; n++)); do (${app} -e "DO SLEEP(15)" >/dev/null 2>&1 &); done
      while ((SECONDS < end)); do
        try "SET GLOBAL read_only = 1; SET GLOBAL super_read_only = 1; SET GLOBAL max_connections = 1; SET GLOBAL init_connect = 'x'; SET PERSIST max_connections = 1; SET GLOBAL event_scheduler = 0;
          SET GLOBAL gtid_purged = ''; SET SESSION sql_log_bin = 0; SET SESSION gtid_next = 'AUTOMATIC'; SET SESSION binlog_format = 'STATEMENT'; SET GLOBAL offline_mode = 1"
        try "SHUTDOWN; RESTART; RESET MASTER; RESET BINARY LOGS AND GTIDS; STOP REPLICA; STOP SLAVE; RESET REPLICA ALL; FLUSH PRIVILEGES; FLUSH BINARY LOGS; PURGE BINARY LOGS BEFORE NOW();
          FLUSH TABLES WITH READ LOCK; LOCK INSTANCE FOR BACKUP; CLONE LOCAL DATA DIRECTORY = '/tmp/x'; UNINSTALL PLUGIN clone; ALTER INSTANCE RELOAD TLS; ALTER INSTANCE DISABLE INNODB REDO_LOG"
        try "CREATE USER evil; ALTER USER root@'%' IDENTIFIED BY 'x'; ALTER USER replicator@'%' IDENTIFIED BY 'x'; DROP USER replicator@'%'; GRANT ALL ON *.* TO app@'%'; SET PASSWORD FOR root@'%' = 'x'"
        try "DELETE FROM cdk8s_stateful.identity; DROP DATABASE cdk8s_stateful; UPDATE mysql.user SET authentication_string = ''; CREATE DATABASE evil; CREATE TABLE mysql.evil (id INT)"
        try "SELECT LOAD_FILE('/run/secrets/stateful/superuser-password'); SELECT 'x' INTO OUTFILE '/run/stateful/evil'; SELECT 'x' INTO OUTFILE '/tmp/evil'; LOAD DATA INFILE '/etc/passwd' INTO TABLE e2e_other (note);
          CREATE FUNCTION evil RETURNS STRING SONAME 'evil.so'; INSTALL PLUGIN evil SONAME 'evil.so'; INSTALL COMPONENT 'file://evil'"
        try "CREATE DEFINER = root@'%' PROCEDURE evil() SHUTDOWN; CREATE DEFINER = mysql@localhost PROCEDURE evil() SHUTDOWN; CREATE DEFINER = mysql@localhost SQL SECURITY DEFINER VIEW evil AS SELECT * FROM mysql.user"
        for id in $(${app} -e 'SELECT id FROM information_schema.processlist' 2>/dev/null) $(seq 1 60); do echo "KILL $id;"; done | ${app} --force >/dev/null 2>&1
        try "CREATE TABLE evil_identity (id CHAR(20)); CREATE TABLE identity (id CHAR(20)); INSERT INTO identity VALUES ('\$(id)'); DROP TABLE identity, evil_identity"
        try "CREATE EVENT evil ON SCHEDULE EVERY 1 SECOND DO DO GET_LOCK('stateful-ready', 0); DO SLEEP(2); DROP EVENT evil"
        try "SELECT COUNT(*) FROM (SELECT a.filler FROM e2e_accounts AS a JOIN e2e_accounts AS b ON a.id % 1000 = b.id % 1000 AND a.id < 2000 ORDER BY SHA2(b.id, 256) LIMIT 100000) AS large"
        sleep 0.2
      done
      wait
      exit 0`;
  }

  public superuser(statement: string): Promise<string> {
    return this.ask(0, statement);
  }

  public async connectionsFrom(address: string): Promise<number> {
    return Number(
      await this.ask(
        0,
        `SELECT COUNT(*) FROM information_schema.processlist WHERE host LIKE '${address}:%' AND command NOT LIKE 'Binlog Dump%'`,
      ),
    );
  }

  public async promoteByHand(ordinal: number): Promise<void> {
    await this.ask(ordinal, this.promotion);
  }

  public ownObjects(ordinal: number): Promise<string> {
    return this.ask(ordinal, OWN_OBJECTS);
  }

  /** Random entries of an index are spread over all its pages, each of which recovery must read. */
  public async burdenRecovery(): Promise<void> {
    await this
      .asApp(`CREATE TABLE IF NOT EXISTS e2e_burden (id INT AUTO_INCREMENT PRIMARY KEY, text CHAR(64) NOT NULL, other CHAR(40) NOT NULL, KEY (text), KEY (other));
      ${`INSERT INTO e2e_burden (text, other) SELECT SHA2(RAND(), 256), SHA1(RAND()) FROM ${this.numbers(50_000)};`.repeat(this.burden)} SELECT 1`);
  }

  protected async ask(ordinal: number, sql: string): Promise<string> {
    return succeeded(await this.sql(ordinal, 'superuser', sql)).out.trim();
  }

  private async asApp(sql: string): Promise<void> {
    succeeded(await this.sql('primary', 'app', sql));
  }

  private async script(script: string): Promise<void> {
    succeeded(await this.client.run(script));
  }

  private sql(target: number | 'primary', user: User, sql: string): Promise<Reply> {
    return this.client.run(`${this.command(target, user)} <<'SQL'\n${sql}\n;\nSQL`);
  }

  private command(target: number | 'primary', user: User): string {
    const host = target === 'primary' ? this.primaryService : `${this.setName}-${target}.${this.setName}`;
    return `env MYSQL_PWD="${PASSWORDS[user]}" ${this.clientCommand} -N -B --connect-timeout=2 --init-command="${SESSION}" -h ${host} -u ${NAMES[user]} -D app`;
  }
}
