import { fileOf, REPOSITORY } from '../e2e/record/basis';

function modules(exports: { [file: string]: unknown }): NodeJS.Dict<NodeModule> {
  return Object.fromEntries(
    Object.entries(exports).map(([file, value]) => [
      file,
      { filename: `${REPOSITORY}/${file}`, exports: value } as NodeModule,
    ]),
  );
}

test("a row's file is the one that exports it, by itself or in a list", () => {
  const [row, one, other] = [{}, {}, {}];
  const known = modules({
    'test/index.ts': { ROWS: [row, one, other] },
    'test/row.ts': { row },
    'test/rows.ts': { text: 'x', rows: [one, other], nothing: undefined },
    'node_modules/test/other.js': { one },
    'test/empty.ts': undefined,
  });
  expect(fileOf(row, known)).toBe(`${REPOSITORY}/test/row.ts`);
  expect(fileOf(one, known)).toBe(`${REPOSITORY}/test/rows.ts`);
  expect(() => fileOf({}, known)).toThrow('is not exported');
});
