import { check } from '../poll';
import { Row } from './row';

export const identity: Row = {
  number: 1,
  name: 'identity',
  title: 'identity',
  async run({ system, database, log }) {
    const replicas = 3;
    const pods = await system.pods();
    const names = pods.map((pod) => pod.metadata.name).join(' ');
    const expected = Array.from({ length: replicas }, (_, ordinal) => system.podName(ordinal)).join(' ');
    check(names === expected, `the pods are ${names}, not ${expected}`);
    for (let ordinal = 0; ordinal < replicas; ordinal++) {
      const role = await database.role(ordinal);
      check(role === (ordinal === 0 ? 'primary' : 'replica'), `ordinal ${ordinal} says that it is a ${role}`);
    }
    const identities = new Set(await Promise.all([0, 1, 2].map((ordinal) => database.identity(ordinal))));
    check(identities.size === 1, `the pods are of different databases: ${[...identities].join(', ')}`);
    log(`${names}: one primary, ${replicas - 1} replicas of it`);
    return undefined;
  },
};
