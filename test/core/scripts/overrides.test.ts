import { withOverrides } from '../../../lib/core/private/overrides';
import { Sandbox } from './sandbox';

// A function that an engine has instead of another's, where the pod's containers call it.
let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

/** Ordinal 0 with data, whose engine is made from the stub. */
function podWith(functions: { [name: string]: string }): void {
  sandbox = new Sandbox(0);
  const scripts = Object.fromEntries(
    ['engine.sh', 'engine-sync.sh'].map((file) => [file, sandbox.read(`scripts/${file}`)]),
  );
  const own = Object.fromEntries(
    Object.entries(functions).map(([name, body]) => [
      `${name}.sh`,
      `times=0\n${name}() {\n  times=$((times + 1))\n  ${body}\n}\n`,
    ]),
  );
  Object.entries(withOverrides({ ...scripts, ...own })).forEach(([file, text]) =>
    sandbox.write(`scripts/${file}`, text),
  );
  sandbox.write('volume/current/identity', 'a\n');
  sandbox.write('volume/current/rows', 'old\n');
  sandbox.write('state/port-open', '');
}

const own = {
  engine_prepare: 'note "own prepare $times"; base_engine_prepare',
  engine_run: 'note "own run"; base_engine_run "$1"',
  engine_reconcile: 'note "own mend"; base_engine_reconcile',
};

test("in the init container, and in the server's", async () => {
  podWith(own);
  expect(await sandbox.run('prepare.sh')).toMatchObject({ status: 0, log: [] });
  expect(await sandbox.run('run.sh')).toMatchObject({ status: 0, log: [] });
  expect(sandbox.calls).toEqual(['own prepare 1', 'prepare', 'own run', 'run on old']);
});

test("in the sidecar's: each time, and what it replaces goes on", async () => {
  podWith(own);
  sandbox.write('stub/server', 'role=primary copying=log-gap\n');
  const script = sandbox.start('sync.sh');
  await sandbox.until(
    'copying, as base_engine_reconcile says',
    () => sandbox.has('state/recopy') && sandbox.calls.filter((call) => call === 'own mend').length > 1,
    script,
  );
  expect(sandbox.calls.slice(0, 3)).toEqual(['own prepare 1', 'prepare', 'own mend']);
});

test('one that fails is a failure of the engine', async () => {
  podWith({ engine_prepare: 'return 7' });
  expect((await sandbox.run('prepare.sh')).status).toBe(7);
});

test('one that the engine does not have, and the core calls where it is there', async () => {
  podWith({ engine_pre_stop: 'note "before stop $times"' });
  const script = sandbox.start('sync.sh');
  await sandbox.until('a look', () => sandbox.has('stub/looks'), script);
  script.tell('SIGTERM');
  expect((await script.ended).log.at(-1)).toBe('stopped');
  expect(sandbox.calls.at(-1)).toBe('before stop 1');
});
