import { elapse, until } from '../e2e/poll';

test('until gives the first answer, and counts errors as none', async () => {
  let asked = 0;
  const probe = (): Promise<string | undefined | false> => {
    asked += 1;
    return asked === 1
      ? Promise.resolve(undefined)
      : asked === 2
        ? Promise.reject(new Error('no'))
        : Promise.resolve(asked === 3 && 'yes');
  };
  await expect(until('an answer', 5, probe)).resolves.toBe('yes');
  expect(asked).toBe(3);
});

test('until tells the last error when the time is over', async () => {
  await expect(until('an answer', 0.1, () => Promise.reject(new Error('refused')))).rejects.toThrow(
    'not within 0.1 s: an answer (last: refused)',
  );
});

test('until takes no answer that comes after the time, also to a question that began within it', async () => {
  const late = (): Promise<string> => elapse(300).then(() => 'yes');
  await expect(until('an answer', 0.1, late)).rejects.toThrow(
    /^not within 0.1 s: an answer \(last: it was so 0\.[1-3] s too late\)$/,
  );
});
