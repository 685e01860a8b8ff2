import { Context } from '../context';
import { User } from '../driver';
import { check, elapse, messageOf, until } from '../poll';
import { loseVolumes } from './faults';
import { Row } from './row';

const USERS: User[] = ['app', 'superuser'];
/** So long a replica that was promoted may take a write. */
const FENCED_SECONDS = 15;
/** So long after that it is asked again, in milliseconds. */
const STAYS = 10_000;

/**
 * Promises 2 and 13, whatever an administrator did by hand: a replica that was promoted takes no writes, and when the
 * primary's volume is lost, it does not win over one that has every commit.
 */
export const promoted: Row = {
  name: 'promoted',
  title: 'replica promoted by hand',
  async run(context) {
    const { system, database, log } = context;
    if (database.promoteByHand === undefined) {
      return 'the engine has no promotion by hand yet';
    }
    const identity = await database.identity(0);
    // Its server may be fenced before it has answered the administrator, who is then cut off.
    await database.promoteByHand(2).catch(async (error: unknown) => {
      const said = await system.sidecarLog(2);
      check(said.includes('was promoted by hand'), `ordinal 2 could not be promoted by hand: ${messageOf(error)}`);
    });
    await takesNoWrites(context);

    // The pod is restarted one day, and what was done is forgotten. The primary goes on.
    const { uid } = (await system.pods())[2].metadata;
    await system.watching(async (watch) => {
      await system.kill(2);
      await watch.successor(
        system.podName(2),
        [uid],
        120,
        ({ status }) => status.initContainerStatuses?.[0]?.state.terminated?.exitCode === 0,
      );
    });
    await takesNoWrites(context);
    await database.change();
    await until('ordinal 1 has replayed what the primary has', 60, () => database.hasCaughtUp(1));
    const data = await database.checksum(0);

    await system.deleteClaim(0);
    await system.kill(0);
    const end = await until('ordinal 0 serves, or says why not', 150, () => outcome(context));
    log(`the primary's volume is lost: ${end}`);
    if (end.includes('STOPPED')) {
      // What it says is to be done: the copy that is not wanted is deleted.
      await system.deleteClaim(2);
      await system.kill(2);
    }
    await until('ordinal 0 serves again', 120, async () => (await database.role(0)) === 'primary');
    check((await database.identity(0)) === identity, 'the primary is another database');
    check(
      (await database.checksum(0)) === data,
      'ordinal 0 has not what ordinal 1 had: the replica that was promoted has won',
    );
    await system.ready(3, 30).catch(async (error: unknown) => {
      log(`${messageOf(error)}: ordinal 2, which was promoted, is copied anew`);
      await loseVolumes(context, 'claim and pod of ordinal 2 deleted', [2], [2]);
    });
    await context.following(3);
    await context.allEqual(3);
    return undefined;
  },
};

/** Within a bound, and from then on. Who does not answer takes none either. */
async function takesNoWrites({ database, log }: Context): Promise<void> {
  const taken = async (): Promise<string[]> => {
    const errors = await Promise.all(USERS.map((user) => database.write(2, user)));
    return USERS.filter((_, index) => errors[index] === undefined);
  };
  const since = Date.now();
  await until(
    'a replica that was promoted by hand takes no writes',
    FENCED_SECONDS,
    async () => (await taken()).length === 0,
  );
  log(`ordinal 2 takes no writes ${((Date.now() - since) / 1000).toFixed(1)} s after it was looked at first`);
  for (const end = Date.now() + STAYS; Date.now() < end; await elapse(500)) {
    const users = await taken();
    check(users.length === 0, `ordinal 2, promoted by hand, took a write of ${users.join(' and ')} again`);
  }
}

/** `STOPPED...`, the line of the log; or that it serves; undefined as long as neither is so. */
async function outcome({ system, database }: Context): Promise<string | undefined> {
  const line = (await system.prepareLog(0)).split('\n').find((candidate) => candidate.includes('STOPPED'));
  return line ?? ((await database.role(0)) === 'primary' ? 'ordinal 0 serves' : undefined);
}
