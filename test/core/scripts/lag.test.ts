import { Result, Sandbox } from './sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// What lag.sh concludes; time is what the test says.
function run(script: string): Promise<Result> {
  sandbox = new Sandbox(2);
  return sandbox.run(`. "$scripts/lag.sh"\ncore_clock() { :; }\ncore_now=100 synced='' lag=''\n${script}`);
}

describe('core_measure_lag', () => {
  const at = 'at() { core_now=$1; core_measure_lag "$2" "$3"; echo "$lag_probe $synced/$lag"; }';
  const looks = async (script: string): Promise<string[]> =>
    (await run(`${at}; ${script}`)).out.split('\n').slice(0, -1);

  test("the lag is how long ago the primary's log ended where the replica is now", async () => {
    expect(await looks('at 100 no 10; at 101 no 20; at 102 yes 30; at 105 yes 40; at 106 no 50')).toEqual([
      '10 just connected to orders-0/',
      '10 catching up with orders-0/',
      '30 yes/2',
      '40 yes/3',
      '40 yes/4',
    ]);
  });

  test('what is heard at the first look may be of an earlier connection: it is a mark, and no more', async () => {
    expect(await looks('at 100 yes 10; at 101 yes 20')).toEqual(['10 just connected to orders-0/', '20 yes/1']);
  });

  test('one that lost its connection begins again, and the lag is since it last had all', async () => {
    expect(
      await looks('at 100 yes 10; at 101 yes 10; lag_probe_at=; at 110 yes 20; at 111 no 30; at 112 yes 30'),
    ).toEqual([
      '10 just connected to orders-0/',
      '10 yes/1',
      '20 just connected to orders-0/1',
      '20 yes/11',
      '30 yes/2',
    ]);
  });
});
