import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// What .ci/run prints last.

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'totals-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const one = (status: string, fullName: string): object => ({ status, fullName });
const GREEN = {
  numPassedTests: 5,
  numFailedTests: 0,
  numRuntimeErrorTestSuites: 0,
  testResults: [{ name: 'a', status: 'passed', assertionResults: [one('passed', 'a is well')] }],
};
const RED = {
  numPassedTests: 4,
  numFailedTests: 1,
  numRuntimeErrorTestSuites: 1,
  testResults: [
    { name: 'a', status: 'failed', assertionResults: [one('passed', 'a is well'), one('failed', 'a is wrong')] },
    { name: 'b.test.ts', status: 'failed', assertionResults: [] },
  ],
};

test.each<[string, object | undefined, object | undefined, string[], number]>([
  ['all is well', GREEN, { passed: 3, failed: 0, reasons: [] }, ['8 passed, 0 failed'], 0],
  ['some were not run', GREEN, { passed: 3, failed: 0, notRun: 2, reasons: [] }, ['8 passed, 0 failed, 2 skipped'], 0],
  [
    'tests fail, and a suite does not start',
    RED,
    { passed: 3, failed: 1, reasons: ['redis 4: no answer'] },
    ['a is wrong', 'b.test.ts', 'redis 4: no answer', '7 passed, 3 failed'],
    1,
  ],
  [
    'nothing was written',
    undefined,
    undefined,
    ['the end-to-end tests did not come to their end', '0 passed, 2 failed'],
    1,
  ],
])('the totals where %s', (_, jest, e2e, lines, code) => {
  const files = [
    ['jest.json', jest],
    ['e2e.json', e2e],
  ].map(([name, content]) => {
    const file = join(folder, name as string);
    if (content !== undefined) writeFileSync(file, JSON.stringify(content));
    return file;
  });
  const { stdout, status } = spawnSync(process.execPath, [join(__dirname, '..', '.ci', 'totals.mjs'), ...files], {
    encoding: 'utf8',
  });
  expect([stdout.trimEnd().split('\n'), status]).toEqual([lines, code]);
});
