import { Chart, App, Duration, Yaml } from 'cdk8s';
import { Backup, BackupOptions, BackupStore, ReplicatedSystemProps, RestorePoint } from '../../../lib';
import { backedUp, Construction, constructionOf } from '../backed-up';
import { constructionOfFiles } from '../backed-up-files';
import { Context } from '../context';
import { Database, Driver } from '../driver';
import { FilesDriver } from '../files-driver';
import { History, Moment } from '../history';
import { check, elapse, messageOf, until } from '../poll';
import { RedisDriver } from '../redis-driver';
import { runJob, Store } from '../store';
import { backupOfFiles, pointInTimeOfFiles } from './backup-files';
import { backupOfRedis, pointInTimeOfRedis } from './backup-redis';
import { Row } from './row';

const NONE_YET = 'the engine has no backups yet';
const RESTORED = 'restored';
const SECONDS = 170;
/** As little as the prop takes. */
export const LOSS = Duration.seconds(10);
const STORE = BackupStore.s3(Store.OPTIONS);

/** What a row has of a set with backups. */
export class BackedUp {
  public readonly store: Store;
  public readonly loss = LOSS;
  /** Those of a former set. */
  private former = 0;
  private backup_: BackupOptions = { maxDataLoss: LOSS };

  /** @param driver of another set than the row's, under its name */
  constructor(
    private readonly context: Context,
    private readonly engine: Construction,
    private readonly driver: Pick<Driver, 'setName' | 'open'> = context.system.driver,
  ) {
    this.store = new Store(context.cluster);
  }

  /** What the set has as its `backup`. */
  public get prop(): Backup {
    return Backup.to(STORE, this.backup_);
  }

  /** The set of three that there is, with backups. */
  public async start(options: BackupOptions = {}): Promise<void> {
    await this.store.start();
    this.former = (await this.indexes()).length;
    this.backup_ = { ...this.backup_, ...options };
    await this.applySet();
    await this.context.system.rolledOut();
    await this.context.system.ready(3);
  }

  /** The set, with its backups, and where its first data comes from. */
  public async applySet(restoreFrom?: string): Promise<void> {
    await this.apply(3, {
      backup: this.prop,
      ...(restoreFrom !== undefined && { restoreFrom: this.point(restoreFrom) }),
    });
  }

  /** What the pod that sends the log said, or another one. */
  public shipLog(ordinal = 0): Promise<string> {
    return this.context.cluster.logs(this.context.system.podName(ordinal), 'ship');
  }

  /** How many complete backups the store has of this set. */
  public async bases(): Promise<number> {
    return (await this.indexes()).length - this.former;
  }

  /**
   * So many are there, and the last one's second is over: a backup's end is noted in whole seconds, and a time in that
   * second is not taken for later. One that the container `ship` cannot take is taken by hand.
   */
  public async hasBackups(count: number, seconds = this.engine.backupSeconds): Promise<void> {
    if (!this.engine.shipsBackups) {
      await until('ship says that a backup is needed', seconds, async () =>
        (await this.shipLog()).includes('Take it now: kubectl create job'),
      );
      await this.backup();
    }
    await until(`there are ${count} backups`, seconds, async () => (await this.bases()) >= count);
    await elapse(1000);
  }

  /** All that was written is in the store. */
  public sent(): Promise<void> {
    return elapse(2 * this.loss.toMilliseconds());
  }

  /** Restored at that time there are as many as there were. */
  public async isAsItWas(history: History, what: string, { instant, count }: Moment): Promise<void> {
    const there = await this.restore(instant, (database) => history.countIn(database));
    check(there === count, `${what}, at ${instant}, there were ${count}, and ${there} are restored`);
  }

  private async indexes(): Promise<string[]> {
    return (await this.store.files()).filter(
      (file) => file.includes(`/${this.driver.setName}/`) && /\/base\/[^/]+\/index$/.test(file),
    );
  }

  /** Names of the complete backups that the store has of the data that was backed up last, the newest first. */
  public async names(): Promise<string[]> {
    const folder = (await this.newest()).replace(/[^/]*$/, '');
    return (await this.indexes())
      .filter((path) => path.startsWith(folder))
      .map((path) => path.split('/').at(-2) ?? '')
      .sort()
      .reverse();
  }

  /** Where the store has the newest complete backup. */
  public async newest(): Promise<string> {
    const names = (await this.indexes()).map((path) => path.replace(/\/index$/, ''));
    const newest = names.sort((a, b) => nameOf(b).localeCompare(nameOf(a))).at(0);
    check(newest !== undefined, 'the store has no complete backup');
    return newest;
  }

  public get backupJob(): string {
    return `${this.driver.setName}-backup`;
  }

  public backup(): Promise<string> {
    return runJob(this.context.cluster, this.backupJob, SECONDS);
  }

  public proof(): Promise<string> {
    return runJob(this.context.cluster, `${this.driver.setName}-proof`, SECONDS);
  }

  /** A flipped byte in a file of the store is found by the next proof, which names the file. */
  public async findsDamage(file: string): Promise<void> {
    await this.store.damage(file);
    const said = await this.proof().then(() => 'the proof found nothing', messageOf);
    check(said.includes(`DAMAGED: ${file}`), `a flipped byte of ${file} is not named by the proof: ${said}`);
  }

  /**
   * A set of one, made from the backups: what its container `prepare` says where it does not come up.
   *
   * @param meanwhile is done to its pod before it is waited for
   */
  public async restore<T>(
    until_: string,
    look: (database: Database) => Promise<T>,
    meanwhile?: (pod: string) => Promise<void>,
  ): Promise<T> {
    const { cluster, client } = this.context;
    await this.apply(1, { name: RESTORED, restoreFrom: this.point(until_) });
    try {
      await meanwhile?.(`${RESTORED}-0`);
      await cluster
        .kubectl('rollout', 'status', 'statefulset', RESTORED, `--timeout=${SECONDS}s`)
        .catch(async (error: unknown) => {
          throw new Error(`${messageOf(error)}\n${await cluster.logs(`${RESTORED}-0`, 'prepare').catch(messageOf)}`);
        });
      return await look(this.driver.open(client, RESTORED));
    } finally {
      await cluster.kubectl('delete', 'statefulset', RESTORED, '--wait=true');
      await cluster.kubectl('delete', 'pvc', `data-${RESTORED}-0`, '--wait=true');
    }
  }

  /** What a set says that is to be restored and cannot be. */
  public async refused(instant: string, words: string): Promise<string> {
    const { cluster } = this.context;
    await this.apply(1, { name: RESTORED, restoreFrom: this.point(instant) });
    try {
      let line: string | undefined;
      await until(`prepare says '${words}'`, 90, async () => {
        line = (await cluster.logs(`${RESTORED}-0`, 'prepare').catch(() => ''))
          .split('\n')
          .find((candidate) => candidate.includes(words));
        return line !== undefined;
      });
      return line ?? '';
    } finally {
      await cluster.kubectl('delete', 'statefulset', RESTORED, '--wait=true');
      await cluster.kubectl('delete', 'pvc', `data-${RESTORED}-0`, '--wait=true');
    }
  }

  /** What ordinal 0 says that has lost everything, where nothing says that it may begin again. */
  public stops(): Promise<string> {
    return until('ordinal 0 stops, and says what to do', 120, async () => {
      const log = await this.context.system.prepareLog(0).catch(() => '');
      return log.split('\n').find((candidate) => candidate.includes('STOPPED: no pod of this set holds data'));
    });
  }

  /** No pod of a job keeps a volume, and the next row gets another set. */
  public async end(): Promise<void> {
    const { cluster, system } = this.context;
    this.context.discard();
    await cluster.kubectl('delete', 'cronjobs,jobs', '--all', '--cascade=foreground', '--wait=true');
    const own = [0, 1, 2].map((ordinal) => system.claimName(ordinal));
    await until('the volumes of jobs are gone', 60, async () => {
      const claims = await cluster.kubectl(
        'get',
        'pv',
        '-o',
        'jsonpath={range .items[*]}{.spec.claimRef.namespace}/{.spec.claimRef.name}{"\\n"}{end}',
      );
      return claims
        .split('\n')
        .map((claim) => claim.split('/'))
        .every(([namespace, name]) => namespace !== cluster.namespace || own.includes(name));
    });
  }

  private point(until_: string): RestorePoint {
    const of = {
      name: this.driver.setName,
      namespaceName: this.context.cluster.namespace,
      encryption: this.backup_.encryption,
    };
    if (until_ === 'latest') return RestorePoint.latest(STORE, of);
    return until_.includes('-') ? RestorePoint.at(STORE, of, until_) : RestorePoint.named(STORE, of, until_);
  }

  private async apply(replicas: number, more: Partial<ReplicatedSystemProps>): Promise<void> {
    const chart = new Chart(new App(), 'e2e');
    const make =
      more.name === RESTORED ? this.engine.constructSmaller.bind(this.engine) : this.engine.construct.bind(this.engine);
    make(chart, { replicas, storageClassName: this.context.storageClassName }, more);
    await this.context.cluster.apply(Yaml.stringify(...(chart.toJson() as object[])));
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * Promises 17 and 23: a backup that is taken under a writer has all that was acknowledged before it was sealed; and a
 * flipped byte in it is found.
 */
export const backup: Row = {
  name: 'backup',
  title: 'backup',
  slow: 'a rollout, a backup, a restore and two proofs, in each of which MySQL starts three times',
  async run(context) {
    const {
      system: { driver },
      log,
    } = context;
    if (driver instanceof RedisDriver) return backupOfRedis(context, new BackedUp(context, constructionOf(driver)));
    if (driver instanceof FilesDriver)
      return backupOfFiles(context, new BackedUp(context, constructionOfFiles(driver)));
    const engine = backedUp(driver);
    if (engine === undefined) return NONE_YET;
    const set = new BackedUp(context, engine);
    await set.start();
    await context.whileWriting(async (writer) => {
      const said = await set.backup();
      const [, name, complete] = /backup (\d{8}T\d{6}Z) is complete: (.*)/.exec(said) ?? [];
      check(name !== undefined, `the job says no name of a backup:\n${said}`);
      // The place of the seal is read when this was said.
      const sealed = Date.parse(/^(\S+) backup: all data is sent/m.exec(said)?.[1] ?? '');
      const count = writer.times.filter((time) => time < sealed).length;
      check(count > 0, 'nothing was acknowledged before the seal');
      log(`backup ${name}: ${complete}`);
      await set.restore(name, async (database) => {
        const there = await database.writtenIds(0);
        const lost = writer.acknowledged.slice(0, count).filter((id) => !there.has(id));
        check(
          lost.length === 0,
          `${lost.length} of ${count} writes acknowledged before the seal are not in the backup: ${lost.slice(0, 5).join()}`,
        );
        log(`restored: all ${count} writes acknowledged before the seal`);
      });
    });
    const proof = await set.proof();
    log(/PROVEN: .*/.exec(proof)?.[0] ?? 'the proof says nothing');
    check(engine.replayed?.test(proof) !== false, `the proof does not say that it replayed log:\n${proof}`);
    const chunk = (await set.store.files())
      .filter((file) => /\/base\/[^/]+\/000000$/.test(file))
      .sort()
      .at(-1);
    check(chunk !== undefined, 'the store has no chunk');
    await set.findsDamage(chunk);
    await set.end();
    return undefined;
  },
};

/** Promise 18: exactly what was committed up to a time, and errors that name what can be reached. */
export const pointInTime: Row = {
  name: 'point-in-time',
  title: 'point in time',
  slow: 'six restores',
  async run(context) {
    const {
      system: { driver },
      database,
      log,
    } = context;
    if (driver instanceof RedisDriver)
      return pointInTimeOfRedis(context, new BackedUp(context, constructionOf(driver)));
    if (driver instanceof FilesDriver)
      return pointInTimeOfFiles(context, new BackedUp(context, constructionOfFiles(driver)));
    const engine = backedUp(driver);
    if (engine === undefined || database.superuser === undefined) return NONE_YET;
    const set = new BackedUp(context, engine);
    await set.start();
    const ask = database.superuser.bind(database);
    const early = new Date(Date.now() - 3600_000).toISOString();
    await ask(engine.makeTicks);
    await set.backup();
    for (let n = 1; n <= 40; n++) {
      await ask(`INSERT INTO e2e_ticks (n) VALUES (${n})`);
      await elapse(200);
    }
    const ticks = (await ask(engine.listTicks))
      .trim()
      .split('\n')
      .map((row) => row.split(' ')[1]);
    await elapse(3 * LOSS.toMilliseconds()); // the log is in the store
    for (const k of [3, 17, 29, 38]) {
      // In the middle of two commits.
      const instant = new Date((Date.parse(ticks[k - 1]) + Date.parse(ticks[k])) / 2).toISOString();
      const there = await set.restore(instant, async (restored) =>
        (await restored.superuser?.('SELECT count(*) FROM e2e_ticks'))?.trim(),
      );
      check(there === String(k), `at ${instant} there were ${k} rows, and ${there} are restored`);
      log(`restored until ${instant}: exactly the ${k} rows of then`);
    }
    log(await set.refused(new Date(Date.now() + 3600_000).toISOString(), 'CANNOT REACH'));
    log(await set.refused(early, 'STOPPED'));
    await set.end();
    return undefined;
  },
};
