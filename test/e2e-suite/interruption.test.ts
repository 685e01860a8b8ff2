import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let record: string;
beforeEach(() => {
  record = mkdtempSync(join(tmpdir(), 'record-'));
});
afterEach(() => rmSync(record, { recursive: true }));

/** Runs the suite, ends it as soon as this was said, and gives what it said. */
function run(
  environment: NodeJS.ProcessEnv,
  endAfter?: string,
): Promise<{ readonly code: number | null; readonly said: string[] }> {
  const child = spawn(process.execPath, ['-r', 'ts-node/register', join(__dirname, 'interrupted.ts'), record], {
    env: { ...process.env, ...environment },
  });
  let said = '';
  let isEnded = false;
  child.stderr.pipe(process.stderr);
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (
      endAfter !== undefined &&
      !isEnded &&
      said.split('\n').filter((line) => line.startsWith(endAfter)).length === 2
    ) {
      isEnded = true;
      child.kill('SIGINT');
    }
  });
  return new Promise((resolve) =>
    child.on('close', (code) =>
      resolve({ code, said: said.split('\n').filter((line) => /^(create|remove|note|end|SIG)/.test(line)) }),
    ),
  );
}

test('a run that is ended removes all its namespaces, blames no cell, and is gone on with', async () => {
  const ended = await run({}, 'note');
  expect(ended.code).toBe(1);
  expect(ended.said.slice(0, 4).sort()).toEqual([
    'create e2e-one',
    'create e2e-other',
    'note one quick ok',
    'note other quick ok',
  ]);
  expect(ended.said.slice(4)).toEqual(['SIGINT: cleaning up', 'remove e2e-one', 'remove e2e-other']);

  const goesOn = await run({ QUICK: '1' });
  expect(goesOn.code).toBe(0);
  expect(goesOn.said.filter((line) => line.startsWith('note')).sort()).toEqual([
    'note one slow ok',
    'note other slow ok',
  ]);
  expect((await run({ QUICK: '1' })).said).toEqual(['end']);
}, 120_000);
