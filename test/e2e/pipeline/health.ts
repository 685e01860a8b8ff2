import { GoProgram, goRun, hasGo } from '../../pipeline/go';
import { Stream } from '../kubectl';
import { startClient } from '../namespace';
import { check } from '../poll';
import { PostgresDriver } from '../postgres-driver';
import { System } from '../system';
import { Check } from './check';

/** What each says of a StatefulSet that is not as it should be yet, and of one that is. */
const JUDGES: readonly {
  readonly program: GoProgram;
  readonly args: string[];
  readonly moving: string;
  readonly settled: string;
}[] = [
  { program: 'argo-cd', args: ['health'], moving: 'Progressing', settled: 'Healthy' },
  { program: 'flux', args: [], moving: 'InProgress', settled: 'Current' },
];

/** One whose replicas stay ready when the primary has restarted: else what is judged goes up and down, rightly. */
const DRIVER = PostgresDriver.V17;

/** Sync waves, `wait: true` and `dependsOn` go by this: what comes after the database must find it at work. */
export const health: Check = {
  name: 'health',
  driver: DRIVER,
  title:
    'Argo CD and Flux say of a set that it progresses while it starts and is rolled out, and then that it is healthy',
  async run({ cluster, atEnd, options: { storageClassName }, log }) {
    if (!(await hasGo())) {
      return 'go is not installed, in which Argo CD and Flux are written';
    }
    await startClient(cluster, DRIVER, atEnd);
    const system = new System(cluster, DRIVER);
    const states: object[] = [];
    const watch = new Stream(
      ['get', '--raw', `/apis/apps/v1/namespaces/${cluster.namespace}/statefulsets?watch=1`],
      (line) => {
        states.push((JSON.parse(line) as { object: object }).object);
      },
    );
    try {
      await system.apply({ replicas: 3, storageClassName });
      await system.rolledOut();
      await cluster.kubectl(
        'patch',
        'statefulset',
        DRIVER.setName,
        '-p',
        '{"spec":{"template":{"metadata":{"annotations":{"another":"template"}}}}}',
      );
      await system.rolledOut();
    } finally {
      await watch.kill();
    }
    for (const { program, args, moving, settled } of JUDGES) {
      const verdicts = (await goRun(program, args, states.map((state) => JSON.stringify(state)).join('\n')))
        .trim()
        .split('\n');
      const changes = verdicts.filter((verdict, i) => verdict !== verdicts[i - 1]);
      log(`${program}, of ${verdicts.length} states: ${changes.join(', ')}`);
      check(verdicts.length === states.length, `${program} judged ${verdicts.length} of ${states.length} states`);
      check(
        changes.join() === [moving, settled, moving, settled].join(),
        `${program} says of a set that starts and is then rolled out: ${changes.join(', ')}`,
      );
    }
    return undefined;
  },
};
