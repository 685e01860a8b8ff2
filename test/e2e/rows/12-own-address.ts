import { Context } from '../context';
import { Pod } from '../objects';
import { check, until } from '../poll';
import { Row } from './row';

export const ownAddress: Row = {
  number: 12,
  name: 'own-address',
  title: 'own address',
  async run(context) {
    const { system, log } = context;
    const pods = await system.pods();
    for (const [ordinal, pod] of pods.entries()) {
      await answersAs(context, ordinal, pod);
    }
    await system.kill(1);
    const successor = await system.watching((watch) => watch.successor(system.podName(1), [pods[1].metadata.uid], 60));
    await answersAs(context, 1, successor);
    log(`${system.podName(1)} was ${pods[1].status.podIP}, is ${successor.status.podIP}, and answers by the same name`);
    await context.following(3);
    return undefined;
  },
};

/** By its name, from a client: the pod's own address, and behind it the server. */
async function answersAs({ system, client, database }: Context, ordinal: number, pod: Pod): Promise<void> {
  const name = `${system.podName(ordinal)}.${system.driver.setName}`;
  // A cluster's DNS may keep an answer for as long as 30 seconds.
  await until(`${name} is ${pod.status.podIP}`, 45, async () => {
    const { out } = await client.run(`getent ahostsv4 ${name}`);
    return out.split(/\s/)[0] === pod.status.podIP;
  });
  const role = await database.role(ordinal);
  check(role === (ordinal === 0 ? 'primary' : 'replica'), `${name} answers as a ${role}`);
}
