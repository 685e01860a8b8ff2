import { IN_A_ROW, Run, standing } from '../e2e/record/standing';

/** `a+` ran on basis a, `a-` failed, `a?` could not test all. */
function runs(...said: string[]): Run[] {
  const outcomes = { '+': 'ok', '-': 'FAILED', '?': 'not run' } as const;
  return said.map((one, at) => ({
    at: String(at),
    basis: one[0],
    outcome: outcomes[one[1] as '+'],
    seconds: 1,
    log: '',
  }));
}

test.each([
  ['what never ran is missing', [], 'a', 1],
  ['once is enough for what never failed', ['a+'], 'a', 0],
  ["what ran on another basis says nothing of today's", ['a+'], 'b', 1],
  ['what ran on another basis meanwhile takes nothing away', ['a+', 'b+'], 'a', 0],
  ['what failed is green after five in a row', ['a-'], 'a', 5],
  ['four are not enough', ['a-', 'a+', 'a+', 'a+', 'a+'], 'a', 1],
  ['five are', ['a-', 'a+', 'a+', 'a+', 'a+', 'a+'], 'a', 0],
  ['a failure among them begins anew', ['a-', 'a+', 'a+', 'a+', 'a-', 'a+'], 'a', 4],
  ['a failure after a green run is one that comes and goes', ['a+', 'a-'], 'a', 5],
  ['so is one that comes after five', ['a+', 'a+', 'a+', 'a+', 'a+', 'a-', 'a+'], 'a', 4],
  ['what failed before a change has to show five in a row after it', ['a-'], 'b', 5],
  ['and shows them', ['a-', 'b+', 'b+', 'b+', 'b+', 'b+'], 'b', 0],
  ['not on two bases together', ['a-', 'b+', 'b+', 'b+'], 'c', 5],
  ['what was cleared on one basis is so for the next', ['a-', 'b+', 'b+', 'b+', 'b+', 'b+'], 'c', 1],
  ['a later failure of another basis takes no green away', ['a+', 'b-'], 'a', 0],
  ['but holds for what comes after', ['a+', 'b-', 'a+'], 'c', 5],
  ['what could not test all is missing', ['a?'], 'a', 1],
  ['and takes no green away', ['a+', 'a?'], 'a', 0],
  ['nor counts among the five', ['a-', 'a+', 'a?', 'a+'], 'a', 3],
])('%s', (_, said, basis, lacks) => {
  expect(standing(runs(...said), (run) => run.basis === basis).lacks).toBe(lacks);
});

test('tells how many there are in a row, and the last', () => {
  const isA = ({ basis }: Run): boolean => basis === 'a';
  expect(standing(runs('a-', 'a+', 'a+', 'a?', 'b-'), isA)).toMatchObject({
    inARow: 2,
    last: { at: '2', outcome: 'ok' },
  });
  expect(standing(runs('a?'), isA)).toMatchObject({ inARow: 0, last: { outcome: 'not run' } });
  expect(IN_A_ROW).toBe(5);
});
