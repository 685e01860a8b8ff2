import { Size } from 'cdk8s';
import { BackupEncryption, BackupOptions } from '../../../lib';
import { Context } from '../context';
import { check, elapse, until } from '../poll';
import { PostgresDriver } from '../postgres-driver';
import { BackedUp, LOSS } from './backup';
import { loseVolumes } from './faults';
import { Row } from './row';

export const NONE_YET = 'the engine has no backups yet';
const PASSPHRASE = 'passphrase';
const NOW = 'SELECT to_char(clock_timestamp() AT TIME ZONE \'utc\', \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')';

/** A time, and how many rows there were then. */
export interface Moment {
  readonly instant: string;
  readonly rows: number;
}

/** Rows that carry their number and time. */
export class Ticks {
  private count = 0;

  constructor(private readonly ask: (statement: string) => Promise<string>) {}

  public async begin(): Promise<void> {
    await this.ask('CREATE TABLE IF NOT EXISTS e2e_ticks (n int PRIMARY KEY, at timestamptz DEFAULT clock_timestamp())');
  }

  /** So many more, one commit each. */
  public async more(count: number): Promise<Moment> {
    for (let n = 0; n < count; n++) {
      await this.ask(`INSERT INTO e2e_ticks VALUES (${++this.count})`);
    }
    const moment = { instant: (await this.ask(NOW)).trim(), rows: this.count };
    // A time is reached when the log has something later.
    await this.ask(`INSERT INTO e2e_ticks VALUES (${++this.count})`);
    return moment;
  }

  public get last(): number {
    return this.count;
  }
}

/** What these rows begin with: a set with its first backup, and an empty table; undefined where the engine has no backups. */
export interface Parts {
  readonly set: BackedUp;
  readonly ask: (statement: string) => Promise<string>;
  readonly ticks: Ticks;
}

export async function started(context: Context, options: BackupOptions = {}): Promise<Parts | undefined> {
  const { system: { driver }, database } = context;
  if (!(driver instanceof PostgresDriver) || database.superuser === undefined) return undefined;
  const ask = database.superuser.bind(database);
  const [set, ticks] = [new BackedUp(context, driver), new Ticks(ask)];
  await set.start(options);
  await hasBackups(set, 1, 120);
  await ticks.begin();
  return { set, ask, ticks };
}

/** And its second is over: a backup's end is noted in whole seconds, and a time in that second is not taken for later. */
async function hasBackups(set: BackedUp, count: number, seconds: number): Promise<void> {
  await until(`there are ${count} backups`, seconds, async () => await set.bases() >= count);
  await elapse(1000);
}

/** Restores until then. */
export async function isAsItWas(set: BackedUp, what: string, { instant, rows }: Moment): Promise<void> {
  const there = await set.restore(instant, async (database) => Number((await database.superuser?.('SELECT count(*) FROM e2e_ticks'))?.trim()));
  check(there === rows, `${what}, at ${instant}, there were ${rows} rows, and ${there} are restored`);
}

/** Promise 19: the database goes on while the store is away, its disk stays bounded, and what the store then lacks is said, and never restored in silence. */
export const storeAway: Row = {
  name: 'store-away',
  title: 'store away',
  slow: 'the log of half a volume, and four restores',
  async run(context) {
    const parts = await started(context, { maxUnshipped: Size.mebibytes(64) });
    if (parts === undefined) return NONE_YET;
    const { set, ask, ticks } = parts;
    const before = await ticks.more(5);
    await ask('SELECT pg_switch_wal()');
    await elapse(2 * LOSS.toMilliseconds());
    let inside: Moment | undefined;
    await set.store.whileAway(async () => {
      await ask('CREATE TABLE e2e_bulk (text text)');
      for (let n = 0; n < 36; n++) {
        await ask('INSERT INTO e2e_bulk SELECT repeat(md5(random()::text), 32) FROM generate_series(1, 14000); TRUNCATE e2e_bulk');
        if (n === 3) inside = await ticks.more(5);
      }
      const [, waiting] = /(\d+)/.exec(await ask("SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'")) ?? [];
      check(Number(waiting) <= 5, `${waiting} parts of the log wait for the store, and only 4 may`);
      const size = Number((await ask('SELECT sum(size)::bigint >> 20 FROM pg_ls_waldir()')).trim());
      context.log(`576 MiB of log written while the store was away; the primary's disk had ${size} MiB of it`);
      check(size < 450, `the primary's disk has ${size} MiB of log`);
    });
    await hasBackups(set, 2, 150);
    const said = await set.shipLog();
    check(said.includes('GAP: '), `the gap is not said:\n${said}`);
    const after = await ticks.more(5);
    await ask('SELECT pg_switch_wal()');
    await elapse(2 * LOSS.toMilliseconds());
    await isAsItWas(set, 'before the gap', before);
    context.log(await set.refused(inside?.instant ?? '', 'CANNOT REACH'));
    await isAsItWas(set, 'after the gap', after);
    await set.end();
    return undefined;
  },
};

/** Promise 20: a primary that lost its volume with log that was not sent yet. What its replica has of that is sent, and every time can be restored. */
export const unsentLog: Row = {
  name: 'unsent-log',
  title: 'unsent log',
  slow: 'three restores',
  async run(context) {
    const parts = await started(context);
    if (parts === undefined) return NONE_YET;
    const { set, ask, ticks } = parts;
    const before = await ticks.more(5);
    let unsent: Moment | undefined;
    await set.store.whileAway(async () => {
      unsent = await ticks.more(5);
      // A copy of the replica begins after these, at the checkpoint; and the replica itself has them still, as it keeps some log.
      await ask('SELECT pg_switch_wal(); CHECKPOINT');
      await ticks.more(1);
      await context.following(3);
      await loseVolumes(context, 'volume of ordinal 0 lost with log that was not sent', [0], [0]);
    });
    await context.following(3);
    const after = await ticks.more(5);
    await ask('SELECT pg_switch_wal()');
    await until('the log is sent', 90, async () => (await set.store.files()).some((file) => /\/log\/00000002[0-9A-F]{8}\//.test(file)));
    await elapse(2 * LOSS.toMilliseconds());
    const said = await set.shipLog();
    check(!said.includes('GAP'), `log is missing in the store:\n${said}`);
    await isAsItWas(set, 'before the store was away', before);
    check(unsent !== undefined, 'nothing was left unsent');
    await isAsItWas(set, 'in what was not sent', unsent);
    await isAsItWas(set, 'after the loss', after);
    context.log('restored before the loss, from what was not sent then, and after it');
    await set.end();
    return undefined;
  },
};

/** Promise 21: all volumes are lost. Ordinal 0 stops, and with `restoreFrom` the same definition has its data back, from what only the passphrase opens. */
export const allLost: Row = {
  name: 'all-lost',
  title: 'all volumes lost',
  slow: 'the whole set is made three times',
  async run(context) {
    const { cluster, system } = context;
    await cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: PASSPHRASE }, stringData: { passphrase: 'twenty characters and some' } }));
    const parts = await started(context, { encryption: BackupEncryption.fromSecret(PASSPHRASE) });
    if (parts === undefined) return NONE_YET;
    const { set, ask, ticks } = parts;
    await ticks.more(10);
    await ask('SELECT pg_switch_wal()');
    await elapse(2 * LOSS.toMilliseconds());
    await system.deleteAll();
    await set.applySet();
    const line = await until('ordinal 0 stops, and says what to do', 120, async () => {
      const log = await system.prepareLog(0).catch(() => '');
      return log.split('\n').find((candidate) => candidate.includes('STOPPED: no pod of this set holds data'));
    });
    context.log(line);
    await set.applySet('latest');
    await cluster.kubectl('delete', 'pod', system.podName(0), '--wait=false');
    await system.ready(3, 170);
    const there = Number((await ask('SELECT count(*) FROM e2e_ticks')).trim());
    check(there === ticks.last, `${ticks.last} rows were there, and ${there} are restored`);
    await context.following(3);
    await ticks.more(5);
    await hasBackups(set, 2, 120);
    // And again: the same definition, and what was written since.
    await ask('SELECT pg_switch_wal()');
    await elapse(2 * LOSS.toMilliseconds());
    await system.deleteAll();
    await set.applySet('latest');
    await system.ready(3, 170);
    const again = Number((await ask('SELECT count(*) FROM e2e_ticks')).trim());
    check(again === ticks.last, `${ticks.last} rows were there, and ${again} are restored`);
    await set.end();
    return undefined;
  },
};
