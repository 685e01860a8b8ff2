import { Lock } from '../e2e/lock';
import { parted, pool } from '../e2e/pool';

/** Work that ends when it is told to, and says when it begins. */
class Work {
  public begun = false;
  private finish: () => void = () => undefined;

  public readonly run = (): Promise<void> => {
    this.begun = true;
    return new Promise((resolve) => {
      this.finish = resolve;
    });
  };

  public async end(): Promise<void> {
    this.finish();
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the lock', () => {
  test('lets many in beside one another, and one alone when all are out', async () => {
    const lock = new Lock();
    const [one, other, alone] = [new Work(), new Work(), new Work()];
    void lock.beside(one.run);
    void lock.beside(other.run);
    void lock.alone(alone.run);
    await settled();
    expect([one.begun, other.begun, alone.begun]).toEqual([true, true, false]);
    await one.end();
    expect(alone.begun).toBe(false);
    await other.end();
    expect(alone.begun).toBe(true);
  });

  test('lets nobody in beside one that is alone, and not before one that waits to be', async () => {
    const lock = new Lock();
    const [first, alone, later, second] = [new Work(), new Work(), new Work(), new Work()];
    void lock.beside(first.run);
    void lock.alone(alone.run);
    void lock.beside(later.run);
    void lock.alone(second.run);
    await settled();
    await first.end();
    expect([alone.begun, later.begun, second.begun]).toEqual([true, false, false]);
    await alone.end();
    expect([later.begun, second.begun]).toEqual([true, false]);
    await later.end();
    expect(second.begun).toBe(true);
  });

  test('opens also where the work fails, and gives what it gives', async () => {
    const lock = new Lock();
    await expect(lock.alone(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(lock.beside(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(lock.alone(() => Promise.resolve('yes'))).resolves.toBe('yes');
  });
});

describe('the pool', () => {
  test('does so many at a time, the longest first, and beside them what is idle', async () => {
    const works = { short: new Work(), long: new Work(), middle: new Work(), idle: new Work() };
    const begun = (): string[] =>
      Object.entries(works)
        .filter(([, work]) => work.begun)
        .map(([name]) => name);
    const done = pool(
      [
        { seconds: 1, run: works.short.run },
        { seconds: 3, run: works.long.run },
        { seconds: 2, run: works.middle.run },
        { seconds: 9, idle: true, run: works.idle.run },
      ],
      2,
    );
    await settled();
    expect(begun()).toEqual(['long', 'middle', 'idle']);
    await works.middle.end();
    expect(begun()).toContain('short');
    for (const work of Object.values(works)) {
      await work.end();
    }
    await done;
  });
});

describe('lanes', () => {
  const parts = (places: number, ...lanes: [string, number[]][]): [string, readonly number[]][] =>
    parted<number, { name: string; cells: number[] }>(
      lanes.map(([name, cells]) => ({ name, cells })),
      places,
      (seconds) => seconds,
    ).map(({ name, cells }) => [name, cells]);

  test('stay whole where there are enough', () => {
    expect(parts(2, ['a', [1, 2]], ['b', [100, 100]])).toEqual([
      ['a', [1, 2]],
      ['b', [100, 100]],
    ]);
    expect(parts(2)).toEqual([]);
  });

  test('are parted into halves that take as long, each in its order; the longest first', () => {
    expect(parts(2, ['a', [10, 60, 20, 30]])).toEqual([
      ['a', [60]],
      ['a-part-2', [10, 20, 30]],
    ]);
    expect(parts(3, ['a', [1]], ['b', [30, 20, 10]])).toEqual([
      ['a', [1]],
      ['b', [30]],
      ['b-part-2', [20, 10]],
    ]);
    expect(parts(4, ['a', [40, 30, 20, 10]]).map(([name]) => name)).toEqual(['a', 'a-part-2', 'a-part-3', 'a-part-4']);
  });

  test('of one cell are not', () => {
    expect(parts(3, ['a', [1]])).toEqual([['a', [1]]]);
  });
});
