import { tmpdir } from 'node:os';
import { examplesOutput, Surroundings } from './examples-output';

// Other versions of Node: `npm run check:pipeline`.
describe('the examples come out the same, byte for byte,', () => {
  const surroundings: [string, Surroundings][] = [
    ['from another directory', { cwd: tmpdir() }],
    ['in another time zone', { environment: { TZ: 'Pacific/Chatham' } }],
    ['in another language', { environment: { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' } }],
  ];
  // All at once, as each takes its time to start.
  const outputs = new Map<string, Promise<Map<string, string>>>();
  beforeAll(() => {
    [['here', { environment: { TZ: 'UTC', LC_ALL: 'C' } }] as const, ...surroundings].forEach(([where, each]) =>
      outputs.set(where, examplesOutput(each)),
    );
  });

  test.each(surroundings)(
    '%s',
    async (where) => {
      const here = await outputs.get('here');
      expect(here?.size).toBeGreaterThan(5);
      expect(await outputs.get(where)).toEqual(here);
    },
    60_000,
  );
});
