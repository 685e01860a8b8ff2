import { Client, Reply, succeeded } from './client';
import { check } from './poll';
import { Database, User } from './driver';
import { POSTGRES_ATTACK } from './postgres-attack';
import { PLAIN_WRITES, SCHEMA, SESSION, writerInput, WRITTEN } from './postgres-writes';

const BIN = '/usr/lib/postgresql/$PG_MAJOR/bin'; // the psql on PATH is a Perl wrapper
const MEBIBYTE = 1024 * 1024;
/** Whatever was set for all roles or for one: the suite's questions are not what is tried. */
const OPTIONS =
  '-c default_transaction_isolation=read\\\\\\\\ committed -c default_transaction_read_only=off -c role=none -c search_path=public -c statement_timeout=0 -c lock_timeout=0' +
  ' -c transaction_timeout=0 -c idle_session_timeout=0 -c idle_in_transaction_session_timeout=0 -c transform_null_equals=off -c exit_on_error=off';
const SCALE = 10;
const PASSWORDS: { readonly [user in User]: string } = { superuser: '$SUPERUSER_PASSWORD', app: '$APP_PASSWORD' };
const NAMES: { readonly [user in User]: string } = { superuser: 'postgres', app: 'app' };

/** Errors of a client that found nobody, or a server that does not serve yet or any more; any other is an answer. */
const UNAVAILABLE = [
  'could not translate host name',
  'Connection refused',
  'Connection timed out',
  'timeout expired',
  'No route to host',
  'Network is unreachable',
  'Host is unreachable',
  'server closed the connection',
  'terminating connection',
  'Connection reset',
  'could not receive data',
  'could not send data',
  'the database system is starting up',
  'the database system is not yet accepting connections',
  'the database system is shutting down',
  'the database system is in recovery mode',
  'received invalid response to SSL negotiation',
  'SSL negotiation',
];

/** Each row a table; summing hashes makes the order of rows irrelevant. */
const CHECKSUM = `
SELECT format('SELECT %L, count(*), sum(hashtextextended(t::text, 0)) FROM %s AS t', oid::regclass, oid::regclass)
FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)') ORDER BY oid::regclass::text
\\gexec`;

/**
 * Roles with their passwords, rights of databases and schemas, and settings of either: none of them is the
 * application's.
 */
const OWN_OBJECTS = `
SELECT a::text, m.config FROM pg_authid AS a LEFT JOIN (SELECT setrole, string_agg(setconfig::text, ' ') AS config FROM pg_db_role_setting GROUP BY setrole) AS m ON setrole = a.oid
  WHERE rolname !~ '^pg_' ORDER BY rolname;
SELECT datname, datdba::regrole, datacl FROM pg_database ORDER BY datname;
SELECT nspname, nspowner::regrole, nspacl FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp' ORDER BY nspname;
SELECT evtname, evtowner::regrole FROM pg_event_trigger ORDER BY evtname`;

/** PostgreSQL as a client sees it: psql in the client pod. */
export class PostgresDatabase implements Database {
  /** max_slot_wal_keep_size, and what is written while a checkpoint that would remove more is under way. */
  public readonly logBound = 256 * MEBIBYTE;

  constructor(
    private readonly client: Client,
    private readonly setName: string,
    private readonly primaryService: string,
  ) {}

  public async role(ordinal: number): Promise<'primary' | 'replica'> {
    return (await this.ask(ordinal, 'SELECT pg_is_in_recovery()')) === 't' ? 'replica' : 'primary';
  }

  public identity(ordinal: number): Promise<string> {
    return this.ask(ordinal, 'SELECT system_identifier FROM pg_control_system()');
  }

  public history(ordinal: number): Promise<string> {
    return this.ask(ordinal, 'SELECT timeline_id FROM pg_control_checkpoint()');
  }

  public async write(target: number | 'primary', user: User): Promise<string | undefined> {
    const { code, err } = await this.psql(target, user, "INSERT INTO e2e_other (note) VALUES ('write')");
    return code === 0 ? undefined : err;
  }

  public isReadOnlyError(error: string): boolean {
    return error.includes('25006');
  }

  public async load(): Promise<void> {
    await this.script(`PGPASSWORD=$APP_PASSWORD ${BIN}/pgbench -i -q -s ${SCALE} "${this.conninfo('primary', 'app')}"`);
    await this.asApp(SCHEMA);
    // The writer takes an error for a fault of the set's: so each of its ways is tried once without.
    await this.asApp([SESSION, ...PLAIN_WRITES.map((write, id) => write.replaceAll('@', String(id + 1)))].join('\n'));
    const written = await this.writtenIds(0);
    check(
      written.size === PLAIN_WRITES.length,
      `of the writer's ${PLAIN_WRITES.length} ways ${PLAIN_WRITES.filter((_, id) => !written.has(id + 1)).join(', ')} do not write`,
    );
  }

  public async change(): Promise<void> {
    await this.script(`PGPASSWORD=$APP_PASSWORD ${BIN}/pgbench -n -c 4 -t 250 "${this.conninfo('primary', 'app')}"`);
    await this.asApp(`
      DROP TABLE IF EXISTS e2e_made;
      CREATE TABLE e2e_made AS SELECT g AS id, md5(g::text) AS text FROM generate_series(1, 10000) AS g;
      ALTER TABLE e2e_made ADD COLUMN more int NOT NULL DEFAULT 7;
      CREATE INDEX ON e2e_made (text);
      UPDATE e2e_made SET more = id WHERE id % 3 = 0;
      DELETE FROM e2e_made WHERE id % 5 = 0`);
  }

  public async grow(bytes: number): Promise<void> {
    const length = 256 * 1024;
    await this.asApp(`CREATE TABLE IF NOT EXISTS e2e_ballast (text text STORAGE EXTERNAL);
      INSERT INTO e2e_ballast SELECT repeat(md5(random()::text), ${length / 32}) FROM generate_series(1, ${Math.ceil(bytes / length)})`);
  }

  public async shrink(): Promise<void> {
    await this.asApp('DROP TABLE e2e_ballast');
  }

  public async checksum(ordinal: number): Promise<string> {
    const sums = await this.ask(ordinal, CHECKSUM);
    if (!sums.includes('pgbench_accounts')) {
      throw new Error(`ordinal ${ordinal} does not have the tables that were loaded, but: ${sums}`);
    }
    return sums;
  }

  public async hasCaughtUp(ordinal: number): Promise<boolean> {
    const here = await this.ask(0, 'SELECT pg_current_wal_flush_lsn()');
    return (await this.ask(ordinal, `SELECT pg_last_wal_replay_lsn() >= '${here}'`)) === 't';
  }

  public async followers(): Promise<number[]> {
    const names = await this.ask(0, "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'");
    return names
      .split('\n')
      .filter((name) => name.startsWith(`${this.setName}-`))
      .map((name) => Number(name.split('-').at(-1)))
      .sort();
  }

  public async waitsForReplica(): Promise<boolean> {
    return (await this.ask(0, 'SHOW synchronous_standby_names')) !== '';
  }

  public async keepsFor(ordinal: number): Promise<boolean> {
    return (
      (await this.ask(0, `SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'replica_${ordinal}'`)) !== '0'
    );
  }

  public async logBytes(): Promise<number> {
    return Number(await this.ask(0, 'SELECT sum(size) FROM pg_ls_waldir()'));
  }

  public async writeLog(bytes: number): Promise<void> {
    const rows = Math.ceil(bytes / 4 / 1000); // four times, as what is written at once is removed at once
    await this
      .asApp(`CREATE TABLE e2e_filler AS SELECT repeat(md5(g::text), 31) FROM generate_series(1, ${rows}) AS g; TRUNCATE e2e_filler;
      ${`INSERT INTO e2e_filler SELECT repeat(md5(g::text), 31) FROM generate_series(1, ${rows}) AS g; TRUNCATE e2e_filler;`.repeat(3)}
      DROP TABLE e2e_filler`);
  }

  public async hasApplication(): Promise<boolean> {
    return (await this.ask(0, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'")) !== '0';
  }

  /**
   * One client as long as its connection lasts, some 40 writes a second, each in another way. psql prints an id once
   * the server has reported all before it as complete. After a loss the ids go on from the time of day, so none is used
   * twice: what was on its way counts as not acknowledged.
   */
  public writerScript(): string {
    return `${writerInput()}
      while :; do
        input | PGPASSWORD=$APP_PASSWORD ${BIN}/psql -XAtqw -v ON_ERROR_STOP=1 -d "${this.conninfo('primary', 'app')}" 2>/dev/null
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

  public attackScript(): string {
    return `bin=${BIN} host=${this.primaryService} psql="${this.conninfo('primary', 'app')}"; export PGPASSWORD=$APP_PASSWORD${POSTGRES_ATTACK}`;
  }

  public readerScript(ordinal: number): string {
    return `
      while :; do
        out=$(PGPASSWORD=$APP_PASSWORD ${BIN}/psql -XAtqw -d "${this.conninfo(ordinal, 'app')}" -c 'SELECT count(*) FROM e2e_writes' 2>&1)
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
    return Number(
      await this.ask(
        0,
        `SELECT count(*) FROM pg_stat_activity WHERE client_addr = '${address}' AND backend_type = 'client backend'`,
      ),
    );
  }

  public async promoteByHand(ordinal: number): Promise<void> {
    await this.ask(ordinal, 'SELECT pg_promote()');
  }

  public ownObjects(ordinal: number): Promise<string> {
    return this.ask(ordinal, OWN_OBJECTS);
  }

  public async burdenRecovery(): Promise<void> {
    await this.asApp(`CREATE TABLE IF NOT EXISTS e2e_burden (id text PRIMARY KEY, text text);
      INSERT INTO e2e_burden SELECT md5(random()::text || g), md5(g::text) FROM generate_series(1, 1200000) AS g`);
    // A server that is killed has a second or two: a quick one writes a checkpoint then, and has nothing to recover.
    await this.ask(
      0,
      `SELECT format('COPY (SELECT) TO PROGRAM ''kill -STOP %s''', pid) FROM pg_stat_activity
        WHERE backend_type = 'checkpointer' \\gexec`,
    );
  }

  /** As the superuser. */
  public async ask(ordinal: number, sql: string): Promise<string> {
    return succeeded(await this.psql(ordinal, 'superuser', sql)).out.trim();
  }

  private async asApp(sql: string): Promise<void> {
    succeeded(await this.psql('primary', 'app', sql));
  }

  private async script(script: string): Promise<void> {
    succeeded(await this.client.run(script));
  }

  private psql(target: number | 'primary', user: User, sql: string): Promise<Reply> {
    return this.client.run(
      `PGPASSWORD=${PASSWORDS[user]} ${BIN}/psql -XAtqw -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -d "${this.conninfo(target, user)}" <<'SQL'\n${sql}\n;\nSQL`,
    );
  }

  private conninfo(target: number | 'primary', user: User): string {
    const host = target === 'primary' ? this.primaryService : `${this.setName}-${target}.${this.setName}`;
    return `host=${host} port=5432 user=${NAMES[user]} dbname=app connect_timeout=2 keepalives_idle=1 keepalives_interval=1 keepalives_count=3 tcp_user_timeout=4000 options='${OPTIONS}'`;
  }
}
