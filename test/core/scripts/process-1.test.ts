import { Sandbox } from './sandbox';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox(1);
});
afterEach(() => sandbox.dispose());

/** As the kubelet starts it: as process 1. */
const FIRST = { STATEFUL_PROCESS_1: '1' };
const script = (text: string): void =>
  sandbox.write('scripts/waits.sh', `container=waits\n. "$STATEFUL_SCRIPTS/pod.sh"\n${text}\n`);

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s reaches the script, whatever it is at, and process 1 ends as it does',
  async (signal) => {
    script(
      'core_leaving=; trap "core_leaving=yes; wake" TERM INT; log begun; while [[ -z $core_leaving ]]; do x=$(sleep 0.02); pause 0.02; done; log told; exit 7',
    );
    const process1 = sandbox.start('waits.sh', FIRST);
    await process1.logs('begun');
    process1.tell(signal);
    expect(await process1.ended).toMatchObject({ status: 7, log: ['begun', 'told'] });
  },
);

test('it is the builtin `wait` that process 1 is in: no program is its child but the script', async () => {
  script('log "$(ps -o comm= --ppid "$PPID" | sort | uniq -c | tr -s " ")"');
  expect(await sandbox.run('waits.sh', FIRST)).toMatchObject({ status: 0, log: [' 1 bash'] });
});

test('what the script did not hear is said again', async () => {
  script('n=0; trap "n=\\$((n + 1)); wake" TERM INT; log begun; until ((n == 3)); do pause 60; done; log told; exit 7');
  const process1 = sandbox.start('waits.sh', FIRST);
  await process1.logs('begun');
  process1.tell('SIGTERM');
  expect(await process1.ended).toMatchObject({ status: 7, log: ['begun', 'told'] });
});

test('a script that ends by itself', async () => {
  script('exit 3');
  expect(await sandbox.run('waits.sh', FIRST)).toMatchObject({ status: 3, log: [] });
});

test('a script that ends by the signal', async () => {
  script('core_end_on_signal; log begun; while :; do pause 0.05; done');
  const process1 = sandbox.start('waits.sh', FIRST);
  await process1.logs('begun');
  process1.tell('SIGINT');
  expect(await process1.ended).toMatchObject({ status: 143, log: ['begun', 'told to stop'] });
});

test('a script that is not process 1 is started once', async () => {
  script('log "$BASHPID $$"; [[ $BASHPID == $$ && ${STATEFUL_PROCESS_1:-none} == none ]]');
  expect(await sandbox.run('waits.sh')).toMatchObject({ status: 0 });
});

test("the server's container becomes the server, and so must be process 1 itself", async () => {
  sandbox.write('scripts/waits.sh', 'container=run\n. "$STATEFUL_SCRIPTS/pod.sh"\n[[ $STATEFUL_PROCESS_1 == 1 ]]\n');
  expect(await sandbox.run('waits.sh', FIRST)).toMatchObject({ status: 0, log: [] });
});
