import { BackupList, parseBackupList } from '../../../lib/changes/cli/backup-list';
import { Context } from '../context';
import { Database } from '../driver';
import { check, until } from '../poll';
import { MariaDbDriver } from '../mariadb-driver';
import { PostgresDriver } from '../postgres-driver';
import { Writer } from '../writer';
import { BackedUp } from './backup';
import { withBackups } from './backup-faults';
import { Moment } from '../history';
import { loseVolumes } from './faults';
import { Row } from './row';

const EVERY = 3;
const ROWS = 300_000;
/** The first backup after ordinal 0 lost its volume: it builds on one from before. */
const RECOVERED = 3;

/** A table that hardly changes: the first backup holds it. */
interface Rest {
  readonly make: string;
  /** A few of its pages. */
  readonly change: string;
  readonly sum: string;
}

const OF_POSTGRES: Rest = {
  make: `CREATE TABLE e2e_rest AS SELECT n, md5(n::text) || md5((-n)::text) AS text FROM generate_series(1, ${ROWS}) n`,
  change: 'UPDATE e2e_rest SET text = md5(random()::text) WHERE n BETWEEN 1000 AND 1100',
  sum: "SELECT count(*) || ' ' || sum(hashtextextended(n || text, 0)) FROM e2e_rest",
};
const OF_MARIADB: Rest = {
  make: `CREATE TABLE e2e_rest (n INT PRIMARY KEY) SELECT seq AS n, CONCAT(MD5(seq), MD5(-seq)) AS text FROM seq_1_to_${ROWS}`,
  change: 'UPDATE e2e_rest SET text = MD5(RAND()) WHERE n BETWEEN 1000 AND 1100',
  sum: "SELECT CONCAT(COUNT(*), ' ', SUM(CRC32(CONCAT(n, text)))) FROM e2e_rest",
};

/** What else an application does between two backups: a table is made anew by its name, another gets a column. */
function remake(n: number): string {
  return `DROP TABLE IF EXISTS e2e_remade;
    CREATE TABLE e2e_remade AS SELECT n FROM e2e_rest WHERE n <= ${1000 + n};
    ALTER TABLE e2e_rest ADD COLUMN added_${n} INT DEFAULT ${n}`;
}
const sumOfRemade = (n: number): string =>
  `SELECT COUNT(*), (SELECT SUM(added_${n}) FROM e2e_rest WHERE n <= 1000) FROM e2e_remade`;
const COPIED = /backup (\S+): copying (?:what changed since (\S+), from )?/;

/** A backup, and what it must hold. */
interface Taken {
  readonly name: string;
  readonly parent: string | undefined;
  readonly said: string;
  /** What tells whether all is there, and what it says. */
  readonly ask: readonly string[];
  readonly answers: readonly string[];
}

/**
 * Promises 17, 18, 22 and 23 for backups that hold only what changed since the one before: restored by name and at a
 * time after the last, a flipped byte of the one that all build on is found, and what one builds on is not pruned.
 */
export const incrementalBackup: Row = {
  name: 'incremental-backup',
  title: 'incremental backup',
  slow: 'seven backups, a recovery, two restores and two proofs',
  async run(context) {
    const {
      system: { driver },
      database,
      log,
    } = context;
    if (!(driver instanceof PostgresDriver || driver instanceof MariaDbDriver) || database.superuser === undefined)
      return 'every backup of this engine is a full one';
    const rest = driver instanceof PostgresDriver ? OF_POSTGRES : OF_MARIADB;
    await database.superuser(rest.make);
    return withBackups(context, { fullBackupEvery: EVERY }, async ({ engine, set, ask, ticks }) => {
      const taken: Taken[] = [];
      let after: Moment | undefined;
      await context.whileWriting(async (writer) => {
        for (let n = 0; n < 5; n++) {
          if (n === RECOVERED) await recover(context);
          await ask(rest.change);
          await ask(remake(n));
          await ticks.more(10);
          const questions = [rest.sum, sumOfRemade(n)];
          const answers = await Promise.all(questions.map(ask));
          const said = await set.backup();
          const [, name, parent] = COPIED.exec(said) ?? [];
          check(name !== undefined, `the job says no name of a backup:\n${said}`);
          taken.push({ name, parent, said, ask: questions, answers });
        }
        await ask(rest.change);
        after = await ticks.more(5);
        await ask(engine.endLog);
        await set.sent();
        // The first is the one of the container `ship`.
        const [part, , full, ...parts] = taken;
        check(part.parent !== undefined, `the first job made a full backup:\n${part.said}`);
        check(full.parent === undefined, `the third job did not make a full backup:\n${full.said}`);
        check(
          parts[0].parent === full.name && parts[1].parent === parts[0].name,
          `the last two build on others:\n${parts.map(({ said }) => said).join('\n')}`,
        );
        await hasAll(context, set, taken[1], writer);
      });
      const [, , full, middle, last] = taken;
      tellSizes(context, await listed(context));
      check(after !== undefined, 'nothing was written after the last backup');
      await set.isAsItWas(ticks, 'after the last backup', after);
      log(`restored at a time after the last backup, ${last.name}, and what ${full.name} holds: as it was then`);

      log(/PROVEN: .*/.exec(await set.proof())?.[0] ?? 'the proof says nothing');
      const folder = (await set.newest()).replace(/\/[^/]*$/, '');
      const [before, kept, parent] = [
        await age(context, `${folder}/${taken[0].parent}`, 40),
        ...(await agedChain(context, folder, full.name, middle.name)),
      ];
      // All that came after builds on it.
      await set.findsDamage(`${folder}/${full.name}/000000`);
      const next = await set.backup();
      check(
        next.includes(`the next backup is a full one: the proof of ${last.name} failed`),
        `the next backup does not say that it is a full one:\n${next}`,
      );
      const { backups, damaged: lacking } = await listed(context);
      const names = backups.map(({ name }) => name);
      check(!names.includes(before), 'what is older than the window is there still');
      check(
        names.includes(kept) && names.includes(parent) && lacking.length === 0,
        `what the first day of the window needs is gone: ${names.join()}`,
      );
      log(
        `a flipped byte of ${full.name} is found; the next backup is a full one; of the old, ${parent} stays for ${kept}`,
      );
    });
  },
};

/** Ordinal 0 loses its volume, and goes on from a replica's data: on another timeline. */
async function recover(context: Context): Promise<void> {
  for (const ordinal of [1, 2])
    await until(`ordinal ${ordinal} has replayed what the primary has`, 60, () =>
      context.database.hasCaughtUp(ordinal),
    );
  await loseVolumes(context, 'volume of ordinal 0 lost between two backups', [0], [0]);
  await context.following(3);
}

/** Restores one by its name, killed once in the midst: all is there that was acknowledged before its seal. */
async function hasAll({ cluster, log }: Context, set: BackedUp, taken: Taken, writer: Writer): Promise<void> {
  const sealed = Date.parse(/^(\S+) backup: all data is sent/m.exec(taken.said)?.[1] ?? '');
  const count = writer.times.filter((time) => time < sealed).length;
  check(count > 0, 'nothing was acknowledged before the seal');
  const killed = async (pod: string): Promise<void> => {
    await until('the restore fetches the second of three', 60, async () =>
      (await cluster.logs(pod, 'prepare').catch(() => '')).includes(`fetching ${taken.parent}`),
    );
    await cluster.kill(pod);
  };
  const look = async (database: Database): Promise<void> => {
    const there = await database.writtenIds(0);
    const lost = writer.acknowledged.slice(0, count).filter((id) => !there.has(id));
    check(
      lost.length === 0,
      `${lost.length} of ${count} writes acknowledged before the seal are lost: ${lost.slice(0, 5).join()}`,
    );
    for (const [place, question] of taken.ask.entries()) {
      const answer = await database.superuser?.(question);
      check(answer === taken.answers[place], `${question}: it was ${taken.answers[place]}, and ${answer} is restored`);
    }
    const said = await cluster.logs('restored-0', 'prepare');
    check(said.includes('holds only what changed: it is made of 3,'), `it was not made of three:\n${said}`);
    const [, seconds] = /restored .*, (\d+) s$/m.exec(said) ?? [];
    log(`restored ${taken.name}, made of three, in ${seconds} s after it was killed once: all ${count} writes`);
  };
  await set.restore(taken.name, look, killed);
}

async function listed({ cluster, system }: Context): Promise<BackupList> {
  const said = await cluster.kubectl(
    'exec',
    system.podName(0),
    '--container=ship',
    '--',
    '/opt/stateful/list-backups.sh',
  );
  const list = parseBackupList(said);
  check(list !== undefined, `the list is cut off:\n${said}`);
  return list;
}

function tellSizes({ log }: Context, { backups }: BackupList): void {
  const sizes = backups.map(({ bytes, parent }) => `${parent === null ? 'full' : 'changes'} ${bytes >> 10} KiB`);
  log(`backups, the newest first: ${sizes.join(', ')}`);
  const [last, middle, full] = backups;
  for (const { name, bytes } of [last, middle])
    check(
      bytes < full.bytes / 2,
      `${name} holds ${bytes} bytes of what changed, and ${full.name} ${full.bytes} of all`,
    );
}

/** A full one of 20 days ago, and one of 15 days ago that builds on it. @returns the names, the newer first */
async function agedChain(
  context: Context,
  folder: string,
  full: string,
  part: string,
): Promise<[kept: string, parent: string]> {
  const parent = await age(context, `${folder}/${full}`, 20);
  return [await age(context, `${folder}/${part}`, 15, parent), parent];
}

/** Copies a backup, whose index then says that it ended as long ago, and builds on another. @returns its name */
async function age({ cluster }: Context, path: string, days: number, parent?: string): Promise<string> {
  const ended = `${new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 19)}Z`;
  const name = ended.replace(/[-:]/g, '');
  const script = `set -e
    rm -rf /data/.aged && cp -r "$1" /data/.aged && cd /data/.aged && sed -i '$d; s/^ended .*/ended '"$2"'/' index
    if [ -n "$4" ]; then sum=$(sed -n 's/^sum //p' "$(dirname "$1")/$4/index"); sed -i "s/^parent .*/parent $4 $sum/" index; fi
    sum=$(sha256sum <index); echo "sum \${sum%% *}" >>index
    rclone --config /data/.none --cache-dir /data/.cache copy . "$3"`;
  const remote =
    ":s3,provider=Rclone,endpoint='http://127.0.0.1:8000',access_key_id=e2e-access,secret_access_key=e2e-secret-of-the-store,region=us-east-1,no_check_bucket=true:backups";
  const folder = path.slice(0, path.lastIndexOf('/'));
  const args = [`/data/backups/${path}`, ended, `${remote}/${folder}/${name}`, parent ?? ''];
  await cluster.kubectl('exec', 'store', '--', 'sh', '-c', script, 'sh', ...args);
  return name;
}
