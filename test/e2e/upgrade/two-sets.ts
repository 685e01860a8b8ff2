import { App, Chart, Size, Yaml } from 'cdk8s';
import { Backup, Credentials, Postgres, PostgresSource, PostgresVersion, Storage } from '../../../lib';
import { succeeded } from '../client';
import { Context } from '../context';
import { isReady, Pod } from '../objects';
import { until } from '../poll';
import { PostgresDatabase } from '../postgres-database';
import { PostgresDriver } from '../postgres-driver';

/** What a commit of the user's says of the two sets. */
export interface Commit {
  /** The old set is there, and whether it is read-only. */
  readonly old?: { readonly readOnly: boolean };
  /** The new set is there, and whether it still names the old one. */
  readonly next?: { readonly imports: boolean };
}

/** Passwords of its own, under names of its own, but for those that the client pod knows. */
const SECRET = { name: 'next-credentials', key: 'for-replicas', password: 'another' };
const REPLICAS = 2;

/** A set of PostgreSQL 17, which the row began with, and one of 18 that is to take its place. */
export class TwoSets {
  public readonly nextName = 'next';
  public readonly old: PostgresDatabase;
  public readonly next: PostgresDatabase;

  /** @param backup what both have */
  constructor(
    private readonly context: Context,
    private readonly backup?: Backup,
  ) {
    const open = (name: string): PostgresDatabase => new PostgresDatabase(context.client, name, `${name}-primary`);
    this.old = open(PostgresDriver.V17.setName);
    this.next = open(this.nextName);
  }

  public async commit(commit: Commit): Promise<void> {
    const { cluster } = this.context;
    const { secret } = PostgresDriver.V17;
    await cluster.apply(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: SECRET.name },
        stringData: {
          'superuser-password': secret['superuser-password'],
          password: secret.password,
          [SECRET.key]: SECRET.password,
        },
      }),
    );
    await cluster.apply(this.manifest(commit));
  }

  /** Of the new set's ordinal 0; nothing while there is no such container. */
  public async log(): Promise<string> {
    return this.context.cluster.logs(`${this.nextName}-0`, 'prepare').catch(() => '');
  }

  public async says(words: string, seconds: number): Promise<void> {
    await until(`${this.nextName}-0 says '${words}'`, seconds, async () => (await this.log()).includes(words));
  }

  public async ready(seconds: number): Promise<void> {
    await until(
      `${REPLICAS} pods of the new set are ready`,
      seconds,
      async () => (await this.pods()).filter(isReady).length === REPLICAS,
    );
  }

  public async pods(): Promise<Pod[]> {
    return (await this.context.cluster.pods()).filter((pod) => pod.metadata.name.startsWith(`${this.nextName}-`));
  }

  /** The new set and its volumes are gone, as if it had never been. */
  public async removeNext(): Promise<void> {
    const { cluster } = this.context;
    const label = `cdk8s-stateful/name=${this.nextName}`;
    await cluster.kubectl('delete', 'statefulset', this.nextName, '--cascade=orphan', '--ignore-not-found');
    await cluster.kubectl('delete', 'pod', '-l', label, '--grace-period=0', '--force');
    await cluster.kubectl('delete', 'pvc', '-l', label, '--wait=true');
  }

  /** `kubectl delete -f` of what only the old set's commit had, and its claims. */
  public async deleteOld(): Promise<void> {
    const { cluster } = this.context;
    await cluster.deleteFile(this.manifest({ old: { readOnly: true } }));
    await cluster.kubectl('delete', 'pvc', '-l', `cdk8s-stateful/name=${PostgresDriver.V17.setName}`, '--wait=true');
  }

  /** What is beside the benchmark's tables: all that a dump could forget. */
  public async addAllKinds(): Promise<void> {
    await this.old.ask(0, ALL_KINDS);
  }

  /** The same on both sides, if all kinds arrived. */
  public async allKinds(database: PostgresDatabase): Promise<string> {
    return database.ask(0, SHOW_ALL_KINDS);
  }

  /** Whether the role that was made by hand can still log in, with its password. */
  public async reportsLogsIn(): Promise<void> {
    succeeded(
      await this.context.client.run(
        `PGPASSWORD='re;port"s' /usr/lib/postgresql/$PG_MAJOR/bin/psql -XAtqw -d "host=${this.nextName}-primary user=reports dbname='ware house'" -c 'SELECT count(*) FROM stock'`,
      ),
    );
  }

  private manifest({ old, next }: Commit): string {
    const chart = new Chart(new App(), 'e2e');
    const { storageClassName, image } = this.context;
    const oldSet = PostgresDriver.V17.construct(
      old === undefined ? new Chart(new App(), 'gone') : chart,
      { replicas: 3, storageClassName, image },
      { ...old, backup: this.backup },
    );
    if (next !== undefined) {
      new Postgres(chart, this.nextName, {
        version: PostgresVersion.V18,
        replicas: REPLICAS,
        storage: Storage.remote({ storageClassName, size: Size.gibibytes(2) }),
        superuserFromNetwork: true, // the suite asks as the superuser, from its client pod
        credentials: Credentials.fromSecret(SECRET.name, { replicationPassword: SECRET.key }),
        backup: this.backup,
        importFrom: next.imports ? PostgresSource.fromSet(oldSet) : undefined,
      });
    }
    return Yaml.stringify(...(chart.toJson() as object[]));
  }
}

const ALL_KINDS = `
CREATE EXTENSION pg_trgm;
CREATE ROLE readers;
CREATE ROLE reports LOGIN PASSWORD 're;port"s' IN ROLE readers;
ALTER ROLE reports SET work_mem = '8MB';
CREATE TABLE without_key (text text, number float8, at timestamptz, what jsonb, bytes bytea);
INSERT INTO without_key SELECT md5(g::text), 1 / g::float8, now(), jsonb_build_object('g', g), decode(md5(g::text), 'hex') FROM generate_series(1, 5000) AS g;
INSERT INTO without_key SELECT * FROM without_key WHERE number > 0.001;
INSERT INTO without_key VALUES (NULL, 'NaN', 'infinity', NULL, NULL), (E'a\\tb\\\\N', '-0', NULL, '[]', '');
CREATE INDEX ON without_key USING gin (text gin_trgm_ops);
GRANT SELECT ON without_key TO readers;
CREATE SEQUENCE counted START 7 INCREMENT 5;
SELECT nextval('counted'), nextval('counted');
CREATE SEQUENCE untouched START 9;
CREATE MATERIALIZED VIEW seen AS SELECT count(*) FROM without_key;
CREATE VIEW few AS SELECT * FROM without_key LIMIT 3;
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2';
SELECT lo_from_bytea(4711, decode(repeat('00', 6000) || repeat('ab', 5000), 'hex')), lo_from_bytea(4712, '');
SELECT lo_put(lo_create(4713), 300000, 'far');
ALTER DATABASE app SET default_transaction_read_only = on;
ALTER DATABASE app RESET default_transaction_read_only;
CREATE DATABASE "ware house" OWNER reports TEMPLATE template0 LOCALE 'C';
ALTER DATABASE "ware house" SET default_transaction_read_only = on;
\\c "ware house"
SET default_transaction_read_only = off;
CREATE TABLE stock (id bigserial PRIMARY KEY, name text);
INSERT INTO stock (name) SELECT 'item ' || g FROM generate_series(1, 1000) AS g;
ALTER TABLE stock OWNER TO reports`;

/** An access list, whose order says nothing. */
function sorted(acl: string): string {
  return `ARRAY(SELECT item::text FROM unnest(${acl}) AS item ORDER BY 1)`;
}

const SHOW_ALL_KINDS = `
SELECT extname FROM pg_extension ORDER BY extname;
SELECT rolname, rolcanlogin, rolconfig, ARRAY(SELECT roleid::regrole FROM pg_auth_members WHERE member = r.oid) FROM pg_roles AS r WHERE rolname !~ '^pg_' ORDER BY rolname;
SELECT datname, datdba::regrole, pg_encoding_to_char(encoding), datcollate, ${sorted('datacl')} FROM pg_database ORDER BY datname;
SELECT setdatabase, setrole::regrole, setconfig FROM (SELECT (SELECT datname FROM pg_database WHERE oid = setdatabase) AS setdatabase, setrole, setconfig FROM pg_db_role_setting) AS s ORDER BY 1, 2;
SELECT relname, relkind, relowner::regrole, ${sorted('relacl')} FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname;
SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY sequencename;
SELECT oid, md5(lo_get(oid)), length(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY oid;
SELECT twice(21), count FROM seen;
SELECT count(*) FROM without_key WHERE text % 'c4ca4238a0b923820dcc509a6f75849b';
\\c "ware house"
SHOW default_transaction_read_only;
SELECT count(*), max(id), md5(string_agg(name, ',' ORDER BY id)) FROM stock`;
