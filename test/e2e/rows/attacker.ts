import { Context } from '../context';
import { ContainerStatus } from '../objects';
import { check, until } from '../poll';
import { stopsAlone } from './11-ordered-stop';
import { Row } from './row';

/**
 * Where a stop waits for a sign that somebody made up, it lasts two and a half minutes; what is added to the usual time
 * is the load's.
 */
const ALONE_SECONDS = 25;

/**
 * The application's user does for a minute all that it can think of. Nothing of the set changes; pods stop meanwhile in
 * their usual time, and start.
 */
export const attacker: Row = {
  name: 'attacker',
  title: 'application attacks',
  async run(context) {
    const { client, database, log, system } = context;
    const script = database.attackScript?.();
    if (script === undefined) {
      return 'the engine has no attack yet';
    }
    await context.whileWriting(async (writer) => {
      const before = await stateOf(context);
      const attack = client.run(script);
      try {
        await system.watching(async (watch) => {
          for (const ordinal of [2, 1, 0]) {
            await stopsAlone(context, ordinal, ALONE_SECONDS);
          }
          const { code, out, err } = await attack;
          log(`the attack ended with ${code}: ${`${out}${err}`.trim().split('\n').slice(-5).join(' | ')}`);
          check(code === 0, `the attack did not come to its end: ${code}`);
          const restarted = watch.events.flatMap(({ pod }) =>
            (pod.status.containerStatuses ?? []).filter(isRestarted).map(({ name }) => `${pod.metadata.name}/${name}`),
          );
          check(restarted.length === 0, `containers were restarted: ${[...new Set(restarted)].join(', ')}`);
        });
      } finally {
        await attack;
      }
      await system.ready(3);
      await context.following(3);
      await sameState(context, before);
      await writer.goesOn(30);
      await writer.isOn([0, 1, 2], 30);
    });
    for (const user of ['app', 'superuser'] as const) {
      const error = await database.write('primary', user);
      check(error === undefined, `the primary refuses a write of the ${user}: ${error}`);
    }
    await context.allEqual(3);
    return undefined;
  },
};

function isRestarted({ restartCount }: ContainerStatus): boolean {
  return restartCount > 0;
}

/** Name of what is compared, to what it was. */
type State = ReadonlyMap<string, string>;

/** What the application must have no hand in. */
async function stateOf({ system, cluster, database }: Context): Promise<State> {
  const state = new Map<string, string>();
  for (const ordinal of [0, 1, 2]) {
    state.set(`role of ordinal ${ordinal}`, await database.role(ordinal));
    state.set(`identity of ordinal ${ordinal}`, await database.identity(ordinal));
    state.set(`our objects on ordinal ${ordinal}`, (await database.ownObjects?.(ordinal)) ?? '');
    for (const container of [system.driver.container, 'sync']) {
      state.set(
        `files of ordinal ${ordinal}, ${container}`,
        await cluster.kubectl('exec', system.podName(ordinal), '-c', container, '--', 'sh', '-c', FILES),
      );
    }
  }
  return state;
}

/**
 * Names of what is in memory and in temporary folders, but for what a client complained of, which a pod that starts
 * later may have no reason for.
 */
const FILES = 'ls -A /run/stateful /run /tmp 2>/dev/null | grep -vxE "(prepare|run|sync)-last-error" | sort';

/**
 * Each pod was replaced meanwhile: the new one has no file that the former one had not. What a recovery before the
 * attack had left went with its pod.
 */
function isLike(what: string, was: string, is: string): boolean {
  return what.startsWith('files of ') ? is.split('\n').every((file) => was.split('\n').includes(file)) : is === was;
}

/** Files that come and go are there again, or gone, a moment later. */
async function sameState(context: Context, before: State): Promise<void> {
  let differences: string[] = [];
  await until('the set is as it was', 20, async () => {
    const now = await stateOf(context);
    differences = [...before]
      .filter(([what, value]) => !isLike(what, value, now.get(what) ?? ''))
      .map(([what, value]) => `${what}: was\n${value}\nis\n${now.get(what)}`);
    return differences.length === 0;
  }).catch((error: unknown) => {
    check(differences.length === 0, `the attack changed the set: ${differences.join('\n')}`);
    throw error;
  });
}
