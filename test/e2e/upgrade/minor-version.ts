import { check } from '../poll';
import { Row } from '../rows/row';
import { rolledOut } from './rolled-out';

/** Another name of the image that every node has: to Kubernetes it is another image, as a minor release is. */
const SAME_IMAGE = 'docker.io/library/';

export const minorVersion: Row = {
  name: 'minor-version',
  title: 'minor version',
  async run(context) {
    const { system } = context;
    const copies = await system.copies();
    await context.whileWriting((writer) =>
      system.watching(async (watch) => {
        const former = (await system.pods()).map((pod) => pod.metadata.uid);
        context.image = `${SAME_IMAGE}${system.driver.image}`;
        await context.apply(former.length);
        const pods = await rolledOut(system, watch, former);
        check(
          pods.every((pod) => pod.spec.containers.every(({ image }) => image === context.image)),
          'not all containers run the other image',
        );
        await writer.goesOn(60);
        await writer.nothingLost(0);
        context.log(
          `${former.length} pods from the last to 0; ${writer.acknowledged.length} writes acknowledged, none lost; longest gap ${writer.longestGap} ms`,
        );
      }),
    );
    const since = await system.copiesSince(copies);
    check(since.size === 0, `copies were made, from ordinal ${[...since.keys()].join()}`);
    await context.following(3);
    await context.allEqual(3);
    return undefined;
  },
};
