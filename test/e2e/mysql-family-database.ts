import { Client, Reply, succeeded } from './client';
import { Database, User } from './driver';

export const MEBIBYTE = 1024 * 1024;
const PASSWORDS: { readonly [user in User]: string } = { superuser: '$SUPERUSER_PASSWORD', app: '$APP_PASSWORD' };
const NAMES: { readonly [user in User]: string } = { superuser: 'root', app: 'app' };

/** Errors of a client that found nobody, or a server that does not serve yet or any more; any other is an answer. */
const UNAVAILABLE = ['ERROR 2002', 'ERROR 2003', 'ERROR 2005', 'ERROR 2006', 'ERROR 2013', 'ERROR 2026', 'ERROR 1053', 'ERROR 1927', 'ERROR 2027', 'ERROR 2000'];

/** Users with their passwords and rights, and what is of ours in tables and events: none of it is the application's. */
const OWN_OBJECTS = `
SELECT * FROM mysql.user ORDER BY User, Host;
SELECT * FROM mysql.db ORDER BY User, Host, Db;
SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema NOT IN ('app', 'performance_schema', 'information_schema') ORDER BY 1, 2;
SELECT event_schema, event_name FROM information_schema.events WHERE event_schema <> 'app' ORDER BY 1, 2`;

/** What MariaDB and MySQL have in common, as a client sees them: a command line in the client pod. */
export abstract class MySqlFamilyDatabase implements Database {
  public abstract readonly logBound: number;

  /** The client, with what it needs to connect to a server whose certificate nobody signed. */
  protected abstract readonly clientCommand: string;

  constructor(private readonly client: Client, private readonly setName: string, private readonly primaryService: string) {}

  public abstract role(ordinal: number): Promise<'primary' | 'replica'>;
  public abstract hasCaughtUp(ordinal: number): Promise<boolean>;
  /** What lists the followers, first of all by their server ids. */
  protected abstract readonly followersStatement: string;
  /** A table of the numbers `seq` from 1 on. */
  protected abstract numbers(count: number): string;
  /** What makes a replica a primary, by hand. */
  protected abstract readonly promotion: string;
  /** Inserts a row of the writer, whose id is the shell's `$id`, and then prints it. */
  protected abstract readonly writeStatement: string;

  public identity(ordinal: number): Promise<string> {
    return this.ask(ordinal, 'SELECT id FROM cdk8s_stateful.identity');
  }

  public async write(target: number | 'primary', user: User): Promise<string | undefined> {
    const { code, err } = await this.sql(target, user, 'INSERT INTO e2e_other (note) VALUES (\'write\')');
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
      CREATE TABLE e2e_other (id INT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(100) NOT NULL)`);
  }

  public async change(): Promise<void> {
    const transactions = `for ((i = 0; i < 250; i++)); do
      echo "BEGIN; UPDATE e2e_accounts SET balance = balance + $i WHERE id = $((RANDOM * 9 + 1)); INSERT INTO e2e_history (account, delta) VALUES ($RANDOM, $i); COMMIT;"
    done | ${this.command('primary', 'app')}`;
    await this.script(`for client in 1 2 3 4; do ${transactions} & done; wait`);
    await this.asApp(`
      DROP TABLE IF EXISTS e2e_made;
      CREATE TABLE e2e_made AS SELECT seq AS id, SHA2(seq, 256) AS text FROM ${this.numbers(10_000)};
      ALTER TABLE e2e_made ADD COLUMN more INT NOT NULL DEFAULT 7;
      CREATE INDEX text ON e2e_made (text);
      UPDATE e2e_made SET more = id WHERE id % 3 = 0;
      DELETE FROM e2e_made WHERE id % 5 = 0`);
  }

  public async grow(bytes: number): Promise<void> {
    const length = 256 * 1024;
    await this.asApp(`CREATE TABLE IF NOT EXISTS e2e_ballast (text LONGBLOB);
      INSERT INTO e2e_ballast SELECT REPEAT(SHA2(RAND(), 256), ${length / 64}) FROM ${this.numbers(Math.ceil(bytes / length))}`);
  }

  public async shrink(): Promise<void> {
    await this.asApp('DROP TABLE e2e_ballast');
  }

  public async checksum(ordinal: number): Promise<string> {
    const tables = await this.ask(ordinal, 'SELECT GROUP_CONCAT(table_name ORDER BY table_name) FROM information_schema.tables WHERE table_schema = \'app\'');
    if (!tables.includes('e2e_accounts')) {
      throw new Error(`ordinal ${ordinal} does not have the tables that were loaded, but: ${tables}`);
    }
    return this.ask(ordinal, `CHECKSUM TABLE ${tables}`);
  }

  public async followers(): Promise<number[]> {
    const hosts = await this.ask(0, this.followersStatement);
    return hosts.split('\n').filter((row) => row !== '').map((row) => Number(row.split('\t')[0]) - 1).sort();
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
    await this.asApp(`CREATE TABLE e2e_filler (text TEXT);
      ${`INSERT INTO e2e_filler SELECT REPEAT(SHA2(seq, 256), 16) FROM ${this.numbers(rows)}; TRUNCATE e2e_filler;`.repeat(8)}
      DROP TABLE e2e_filler`);
  }

  public async hasApplication(): Promise<boolean> {
    return /^\d+\tapp\t/m.test(await this.ask(0, 'SHOW PROCESSLIST'));
  }

  /**
   * One client as long as its connection lasts, some 40 writes a second. It prints what the statement returns once that has committed. After
   * a loss the ids go on from the time of day, so none is used twice: what was on its way counts as not acknowledged.
   */
  public writerScript(): string {
    return `
      exec {bed}<> <(:)
      while :; do
        for ((id = \${EPOCHREALTIME/./}; ; id++)); do
          echo "${this.writeStatement}" || break
          read -rt 0.02 -u "$bed"
        done 2>/dev/null | ${this.command('primary', 'app')} --unbuffered --skip-reconnect 2>/dev/null
        sleep 0.05
      done`;
  }

  public async writtenIds(ordinal: number): Promise<Set<number>> {
    const ids = await this.ask(ordinal, 'SELECT id FROM e2e_writes');
    return new Set(ids.split('\n').filter((id) => id !== '').map(Number));
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

  public superuser(statement: string): Promise<string> {
    return this.ask(0, statement);
  }

  public async connectionsFrom(address: string): Promise<number> {
    return Number(await this.ask(0, `SELECT COUNT(*) FROM information_schema.processlist WHERE host LIKE '${address}:%' AND command NOT LIKE 'Binlog Dump%'`));
  }

  public async promoteByHand(ordinal: number): Promise<void> {
    await this.ask(ordinal, this.promotion);
  }

  public ownObjects(ordinal: number): Promise<string> {
    return this.ask(ordinal, OWN_OBJECTS);
  }

  /** Random entries of an index are spread over all its pages, each of which recovery must read. */
  public async burdenRecovery(): Promise<void> {
    await this.asApp(`CREATE TABLE IF NOT EXISTS e2e_burden (id INT AUTO_INCREMENT PRIMARY KEY, text CHAR(64) NOT NULL, other CHAR(40) NOT NULL, KEY (text), KEY (other));
      ${`INSERT INTO e2e_burden (text, other) SELECT SHA2(RAND(), 256), SHA1(RAND()) FROM ${this.numbers(50_000)};`.repeat(8)} SELECT 1`);
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
    return `env MYSQL_PWD="${PASSWORDS[user]}" ${this.clientCommand} -N -B --connect-timeout=2 -h ${host} -u ${NAMES[user]} -D app`;
  }
}
