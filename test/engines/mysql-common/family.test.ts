import { Result, Sandbox } from '../../core/scripts/sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// What mysql-common.sh does before there is a server, as MySQL has it; what only one of the two does with it is in its
// own tests.
function run(script: string): Promise<Result> {
  sandbox = new Sandbox(
    2,
    { replication_user: 'replicator', user: 'app', database: 'shop' },
    { scriptsOf: 'mysql', and: 'mysql-common' },
  );
  return sandbox.run(`PATH=$STUB:$PATH\nmkdir -p "$state/copy"\n${script}`);
}

test.each([20, 32])('an identity of %i characters is another one each time', async (length) => {
  const identities = (await run(`new_identity ${length}; new_identity ${length}`)).out.split('\n').slice(0, -1);
  expect(identities).toEqual(Array(2).fill(expect.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`))));
  expect(identities[0]).not.toBe(identities[1]);
});

describe('start_offline_server', () => {
  // Time is what the test says: a pause is a second. The server answers from some moment on, and until it ends.
  const start = (answersAt: number, endsAt: number, says = ''): Promise<Result> =>
    run(`
    core_now=100; core_clock() { :; }
    pause() { core_now=$((core_now + 1)); }
    local_query() { [[ $* == "SELECT 1 $state/copy/server.sock root" ]] && ((core_now >= ${answersAt})); }
    kill() { if ((core_now < ${endsAt})); then return 0; fi; wait "$2"; return 1; } # it has ended when all that it says is said
    serve() { printf '%s\\n' ${says}; echo "$*" >"$STUB/served"; }
    if start_offline_server root serve --datadir=/a; then echo "up at $core_now"; else echo "ended at $core_now"; fi; wait`);

  test('returns when the server answers, which no one else can reach', async () => {
    expect(await start(102, 999)).toMatchObject({ out: 'up at 102\n', log: [] });
    expect(sandbox.read('stub/served')).toBe(
      `--datadir=/a --skip-networking --socket=${sandbox.folder}/state/copy/server.sock --pid-file=${sandbox.folder}/state/copy/server.pid\n`,
    );
  });

  test('says what it waits for after some seconds, once, and waits as long as it takes', async () => {
    expect(await start(5000, 9999)).toMatchObject({
      out: 'up at 5000\n',
      log: ['waiting for the temporary server on the copy to start: it may have to apply its log first'],
    });
  });

  test('fails where the server ends, with its errors', async () => {
    expect(await start(999, 103, '"1 [Note] a" "2 [ERROR] page is corrupt" "3 [Note] b"')).toMatchObject({
      out: 'ended at 103\n',
      log: ['2 [ERROR] page is corrupt'],
    });
  });

  test('or else with its last lines', async () => {
    expect((await start(999, 103, '1 2 3 4 5 6')).log).toEqual(['2', '3', '4', '5', '6']);
  });
});
