// node .ci/totals.mjs JEST E2E: adds up what jest and the end-to-end tests wrote as JSON, and prints last which tests
// failed and how many. A suite that did not even start counts as one failure. The exit code says whether there are any.
import { readFileSync } from 'node:fs';

/** What a file says; or, if it was not written, that its tests did not come to their end. */
function read(file, absent) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return absent;
  }
}

/** The tests of a suite that failed; the suite itself, if it did not start and so has none. */
function failures({ name, assertionResults }) {
  const tests = assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
  return tests.length > 0 ? tests : [name];
}

const [, , jestFile, e2eFile] = process.argv;
const jest = read(jestFile, { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 1, testResults: [] });
const e2e = read(e2eFile, { passed: 0, failed: 1, reasons: ['the end-to-end tests did not come to their end'] });

const reasons = [...jest.testResults.filter(({ status }) => status === 'failed').flatMap(failures), ...e2e.reasons];
const failed = jest.numFailedTests + jest.numRuntimeErrorTestSuites + e2e.failed;
const skipped = e2e.notRun ? `, ${e2e.notRun} skipped` : '';
for (const reason of reasons) console.log(reason);
console.log(`${jest.numPassedTests + e2e.passed} passed, ${failed} failed${skipped}`);
process.exitCode = failed > 0 ? 1 : 0;
