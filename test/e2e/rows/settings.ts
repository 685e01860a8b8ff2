import { Context } from '../context';
import { Parameters, Setting, SetOptions } from '../driver';
import { check, until } from '../poll';
import { loseVolumes } from './faults';
import { Row } from './row';

/** An engine's settings are dealt out to so many rows, five to each of them or a few more. */
const ROWS = 6;
const LEAST = 30;

/**
 * What a DBA sets does not reach our machinery: the set gets ready, follows, restarts, copies and recovers, whatever is
 * set at once.
 */
export const settings: readonly Row[] = Array.from({ length: ROWS }, (_, index) => ({
  name: `settings-${index + 1}`,
  title: `settings of a DBA, ${index + 1}`,
  run: (context: Context) => withSettings(context, index),
}));

async function withSettings(context: Context, index: number): Promise<string | undefined> {
  const { system, database, log } = context;
  const all = system.driver.settings;
  if (all === undefined) {
    return 'the engine has no settings yet';
  }
  check(all.length >= LEAST, `there are ${all.length} settings to be tried, not ${LEAST}`);
  const chosen = all.filter((_, position) => position % ROWS === index);
  log(chosen.map(nameOf).join('; '));
  const more: Partial<SetOptions> = { parameters: parametersOf(chosen) };
  const statements = chosen.flatMap(({ statement, undo }) => (statement === undefined ? [] : { statement, undo }));
  try {
    await context.apply(3, more);
    await system.rolledOut();
    await system.ready(3);
    for (const { statement } of statements) {
      check(database.superuser !== undefined, 'the engine cannot run a statement as the superuser yet');
      await database.superuser(statement);
    }
    await context.following(3);
    // What a statement has taken from the application, its password say, it has again within a minute.
    await until('the application can write', 60, async () => (await database.write('primary', 'app')) === undefined);
    await database.change();
    const data = await context.allEqual(3);
    const identity = await database.identity(0);

    await restarts(context);
    await copies(context, more);
    await loseVolumes(context, 'claim and pod of ordinal 0 deleted', [0], [0]);
    check((await database.identity(0)) === identity, 'the primary is another database');
    await context.following(3);
    check((await context.allEqual(3)) === data, 'the data is not what it was');
  } finally {
    await undo(context, statements);
  }
  return undefined;
}

function nameOf({ parameter, statement }: Setting): string {
  return parameter === undefined ? (statement ?? '') : `${parameter.name}=${parameter.value}`;
}

function parametersOf(chosen: Setting[]): Parameters {
  return Object.fromEntries(
    chosen.flatMap(({ parameter }) => (parameter === undefined ? [] : [[parameter.name, parameter.value]])),
  );
}

/** Each pod is another one, with all its sessions, from the last to 0. */
async function restarts(context: Context): Promise<void> {
  const { system } = context;
  for (const ordinal of [2, 0]) {
    const { uid } = (await system.pods())[ordinal].metadata;
    await system.watching(async (watch) => {
      await system.cluster.kubectl('delete', 'pod', system.podName(ordinal), '--wait=false');
      await system.readyIn(watch, 3, [uid]);
    });
  }
  await context.following(3);
}

/** A fourth pod, with nothing, gets a copy; and goes again. */
async function copies(context: Context, more: Partial<SetOptions>): Promise<void> {
  const { system } = context;
  const before = await system.copies();
  await context.apply(4, more);
  await system.ready(4);
  await context.following(4);
  check((await system.copiesSince(before)).size > 0, 'ordinal 3 was copied from nobody');
  await context.apply(3, more);
  await system.ready(3);
  await system.deleteClaim(3);
}

/**
 * Parameters are undone by the next row's first `apply`. Where a statement cannot be taken back, the next row gets a
 * new set.
 */
async function undo(context: Context, statements: { readonly undo?: string }[]): Promise<void> {
  for (const { undo: back } of statements) {
    if (back === undefined) {
      context.discard();
    } else {
      await context.database.superuser?.(back).catch(() => context.discard());
    }
  }
}
