import { Result, Sandbox } from './sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

/**
 * Looks, at times of the test's; each prints what is known then. DNS and pods are functions: NAME gives addresses, an
 * address says a line.
 */
function look(ordinal: number, world: string, looks: string): Promise<Result> {
  sandbox = new Sandbox(ordinal);
  return sandbox.run(`
    . "$scripts/former.sh"
    core_was_ready='' time=0
    core_clock() { core_now=$time core_now_cs=$((time * 100)); }
    engine_detach() { echo detach; }
    own() { core_addresses_of() { case $1 in orders-0.*) echo "$primary" ;; *) echo "$me" ;; esac; }; }
    me=10.0.0.9 primary=10.0.0.1
    own
    ${world}
    at() { time=$1; core_check_replaced; echo "$1: [$core_replaced_by]"; }
    ${looks}`);
}
const lines = (result: Result): string[] => result.out.split('\n').slice(0, -1);
const dead = 'probe_peer() { return 1; }';
const says = (line: string): string => `probe_peer() { echo "connected ${line}"; }`;

describe('a pod whose name leads', () => {
  test('to itself is not replaced', async () => {
    expect(lines(await look(2, says('empty orders'), 'at 0; at 10; at 100'))).toEqual(['0: []', '10: []', '100: []']);
  });

  test('nowhere is not replaced: the Services may be gone', async () => {
    expect(lines(await look(2, says('empty orders'), 'me=; at 0; at 10; at 100'))).toEqual([
      '0: []',
      '10: []',
      '100: []',
    ]);
  });

  test.each(['empty', 'recovering'])(
    'to another that starts without data (%s) is replaced, at once and for good',
    async (line) => {
      expect(
        lines(
          await look(
            0,
            says(`${line} orders`),
            `primary=10.0.0.9; at 0; primary=10.0.0.7; at 10; ${dead}; at 20; primary=; at 30`,
          ),
        ),
      ).toEqual(['0: []', '10: [10.0.0.7]', '20: [10.0.0.7]', '30: [10.0.0.7]']);
    },
  );

  test('to its predecessor, as DNS is a while behind, is not', async () => {
    expect(lines(await look(2, dead, 'me=10.0.0.7; at 0; at 30; at 100; me=10.0.0.9; at 110'))).toEqual([
      '0: []',
      '30: []',
      '100: []',
      '110: []',
    ]);
  });

  test('to another that takes calls is replaced once no old answer of DNS can be the reason', async () => {
    expect(lines(await look(2, says(''), 'me=10.0.0.7; at 0; at 60; at 61; me=10.0.0.9; at 70'))).toEqual([
      '0: []',
      '60: []',
      '61: [10.0.0.7]',
      '70: []',
    ]);
  });

  test('to that of another set says nothing', async () => {
    expect(lines(await look(2, says('empty other'), 'me=10.0.0.7; at 0; at 10'))).toEqual(['0: []', '10: []']);
  });
});

describe('a replica whose primary', () => {
  test('is where it was goes on', async () => {
    expect(lines(await look(2, says('recovering orders'), 'primary_address=10.0.0.1; at 0; at 10; at 100'))).toEqual([
      '0: []',
      '10: []',
      '100: []',
    ]);
  });

  test('was replaced by one without data leaves it, and follows no one while DNS gives the former one again', async () => {
    const result = await look(
      2,
      says('recovering orders'),
      `
      primary_address=10.0.0.1; at 0; primary=10.0.0.7; at 10; echo "[$primary_address]"
      core_leads_to_former_primary || echo free
      primary=10.0.0.1; core_leads_to_former_primary && echo "$synced"
      time=69; core_leads_to_former_primary && echo former; time=71; core_leads_to_former_primary || echo "free again"`,
    );
    expect(lines(result)).toEqual([
      '0: []',
      'detach',
      '10: []',
      '[]',
      'free',
      'DNS still resolves orders-0 to the previous pod, at 10.0.0.1',
      'former',
      'free again',
    ]);
    expect(result.log).toEqual([
      'orders-0 is a new pod now, at 10.0.0.7: disconnecting from the previous one at 10.0.0.1',
    ]);
  });

  test('was replaced by one that serves leaves it when no old answer of DNS can be the reason', async () => {
    expect(
      lines(await look(2, says(''), 'primary_address=10.0.0.1; at 0; primary=10.0.0.7; at 10; at 70; at 76')),
    ).toEqual(['0: []', '10: []', '70: []', 'detach', '76: []']);
  });

  test('recovers, though this replica is connected, is not what feeds it: the sidecar was restarted and knows the name only', async () => {
    expect(
      lines(
        await look(2, says('recovering orders'), 'core_was_ready=yes primary=10.0.0.7 primary_address=10.0.0.7; at 0'),
      ),
    ).toEqual(['detach', '0: []']);
  });

  test('serves, and the sidecar was restarted: it goes on', async () => {
    expect(lines(await look(2, says(''), 'core_was_ready=yes primary_address=10.0.0.1; at 0; at 10; at 100'))).toEqual([
      '0: []',
      '10: []',
      '100: []',
    ]);
  });

  test('whom it follows not even once is not looked at', async () => {
    expect(lines(await look(2, says('recovering orders'), 'at 0; at 10'))).toEqual(['0: []', '10: []']);
  });

  test('was left is not taken for one whose address begins alike', async () => {
    const result = await look(
      2,
      says('recovering orders'),
      'primary_address=10.0.0.1; at 0; primary=10.0.0.17; at 10; core_leads_to_former_primary || echo free',
    );
    expect(lines(result)).toEqual(['0: []', 'detach', '10: []', 'free']);
  });

  test('was left is known to the next life of the sidecar', async () => {
    await look(2, says('recovering orders'), 'primary_address=10.0.0.1; at 0; primary=10.0.0.7; at 10');
    const { out } = await sandbox.run(
      '. "$scripts/former.sh"; core_addresses_of() { echo 10.0.0.1; }; core_leads_to_former_primary && echo "$synced"',
    );
    expect(out).toBe('DNS still resolves orders-0 to the previous pod, at 10.0.0.1\n');
  });
});
