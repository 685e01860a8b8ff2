import { Context } from '../context';
import { check } from '../poll';
import { Row } from './row';

export const scaleUp: Row = {
  number: 5,
  name: 'scale-up',
  title: 'scale up',
  async run(context) {
    await addsAPod(context, (work) => context.whileWriting(work));
    await context.following(3);
    await context.allEqual(3);
    return undefined;
  },
};

/** A third pod, with nothing, is copied from the second, and the others stay. Nobody writes if not told otherwise. */
export async function addsAPod(
  context: Context,
  during: (work: () => Promise<void>) => Promise<void> = (work) => work(),
): Promise<void> {
  const { system } = context;
  await context.steady(2);
  await system.deleteClaim(2); // of what was before: this is about a pod that has nothing
  const former = await system.pods();
  const before = await system.copies();

  await during(async () => {
    await context.apply(3);
    await system.ready(3);
  });

  const copies = await system.copiesSince(before);
  check((copies.get(1) ?? 0) > 0, 'ordinal 2 was not copied from ordinal 1, by the log of 1');
  check(copies.get(0) === undefined, `ordinal 0 was copied from ${copies.get(0)} times, by its log`);
  const now = await system.pods();
  check(
    former.every((pod, ordinal) => pod.metadata.uid === now[ordinal].metadata.uid),
    'the pods that there were did not stay',
  );
}
