import { Result, Sandbox } from './sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// What following.sh concludes; time is what the test says.
function run(script: string): Promise<Result> {
  sandbox = new Sandbox(2);
  return sandbox.run(`. "$scripts/following.sh"\nclock() { :; }\nnow=100 synced='' lag='' complaint=$STUB/complaint\n${script}`);
}

describe('measure_lag', () => {
  const at = 'at() { now=$1; measure_lag "$2" "$3"; echo "$mark $synced/$lag"; }';
  const looks = async (script: string): Promise<string[]> => (await run(`${at}; ${script}`)).out.split('\n').slice(0, -1);

  test('the lag is how long ago the primary\'s log ended where the replica is now', async () => {
    expect(await looks('at 100 no 10; at 101 no 20; at 102 yes 30; at 105 yes 40; at 106 no 50')).toEqual([
      '10 just connected to orders-0/', '10 catching up with orders-0/', '30 yes/2', '40 yes/3', '40 yes/4',
    ]);
  });

  test('what is heard at the first look may be of an earlier connection: it is a mark, and no more', async () => {
    expect(await looks('at 100 yes 10; at 101 yes 20')).toEqual(['10 just connected to orders-0/', '20 yes/1']);
  });

  test('one that lost its connection begins anew, and the lag is since it last had all', async () => {
    expect(await looks('at 100 yes 10; at 101 yes 10; marked_at=; at 110 yes 20; at 111 no 30; at 112 yes 30')).toEqual([
      '10 just connected to orders-0/', '10 yes/1', '20 just connected to orders-0/1', '20 yes/11', '30 yes/2',
    ]);
  });
});

describe('keep_primary_address', () => {
  test('is the first that the name has', async () => {
    expect((await run('getent() { printf "10.0.0.%s STREAM $2\\n" 7 8; }; keep_primary_address; echo "$primary_address"')).out).toBe('10.0.0.7\n');
  });

  test('is none where the name has none', async () => {
    expect((await run('primary_address=x; getent() { return 2; }; keep_primary_address; echo "[$primary_address]"')).out).toBe('[]\n');
  });
});

describe('no_answer', () => {
  const answer = async (complaint: string): Promise<string> => (await run(`${complaint}; no_answer '^(WRONG|NO)PASS '; echo "$synced"`)).out;

  test.each([['nothing', ':'], ['nothing, not even to the file', 'rm -f "$complaint"'], ['something else', 'echo "Connection refused: NOPASS " >"$complaint"']])('says that the primary does not answer, where the client said %s', async (_, complaint) => {
    expect(await answer(complaint)).toBe('orders-0 does not answer\n');
  });

  test.each(['WRONGPASS no', 'NOPASS no'])('says that it refuses the password, and what to do, where the client said %j', async (line) => {
    expect(await answer(`printf '%s\\n' Warning '${line}' >"$complaint"`))
      .toBe('orders-0 refuses the replication password: give this pod\'s Secret the passwords that the database has, and change them afterwards\n');
  });
});

test('what keeps a replica from following ever, until somebody decides', async () => {
  expect((await run('another_database 8e 7f; echo "$synced"; more_than_the_primary "20 here, 19 there"; echo "$synced"')).out.split('\n').slice(0, -1)).toEqual([
    'NOT FOLLOWING: orders-0 holds another database (8e; here is 7f). Nothing is overwritten. Compare both databases first; then delete pod and claim of the one that nobody needs',
    'NOT FOLLOWING: this replica has what orders-0 has not (20 here, 19 there). Nothing is overwritten. Was an old volume put under orders-0, or a replica promoted by hand? '
      + 'Only this replica may have those changes: save them before you delete anything. To drop them, delete pod and claim of orders-2; to go back to them, those of orders-0',
  ]);
});

test.each(['another_database 8e 7f', 'more_than_the_primary "20 here, 19 there"'])('a replica of another history is not ready at once: %s', async (said) => {
  expect((await run(`synced_at=90; ${said}; echo "[$synced_at]"`)).out).toBe('[]\n');
});
