import { Sandbox } from './sandbox';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox(1);
});
afterEach(() => sandbox.dispose());

/** As the kubelet starts it: as process 1. */
const FIRST = { STATEFUL_PROCESS_1: '1' };
const script = (text: string, more = ''): void =>
  sandbox.write('scripts/waits.sh', `container=waits ${more}\n. "$STATEFUL_SCRIPTS/pod.sh"\n${text}\n`);
const HEARS_MARKS = 'core_hears_marks=yes';

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s reaches the script, whatever it is at, and process 1 ends as it does',
  async (signal) => {
    script(
      'core_leaving=; log begun; until core_hear; [[ -n $core_leaving ]]; do x=$(sleep 0.02); pause 0.02; done; log told; exit 7',
      HEARS_MARKS,
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
  script('n=0; trap "n=\\$((n + 1))" TERM INT; log begun; until ((n >= 3)); do pause 0.05; done; log told; exit 7');
  const process1 = sandbox.start('waits.sh', FIRST);
  await process1.logs('begun');
  process1.tell('SIGTERM');
  expect(await process1.ended).toMatchObject({ status: 7, log: ['begun', 'told'] });
});

test('a pause ends as soon as the script is told', async () => {
  script(
    '. "$scripts/pause.sh" # not that of the stub\ncore_leaving=; log begun; pause 60; core_hear; log "told: $core_leaving"',
    HEARS_MARKS,
  );
  const process1 = sandbox.start('waits.sh', FIRST);
  await process1.logs('begun');
  process1.tell('SIGTERM');
  expect(await process1.ended).toMatchObject({ status: 0, log: ['begun', 'told: yes'] });
});

test('no command of a script that goes on is lost, however often it is told', async () => {
  script(
    `core_leaving=; log begun; until core_hear; [[ -n $core_leaving ]]; do pause 0.01; done
    for ((i = 0; i < 300; i++)); do
      seq 30000 | tail -n 1 >"$STUB/last"
      [[ $(<"$STUB/last") == 30000 ]] || log "lost at $i"
      rm "$STUB/last"
    done
    log told`,
    HEARS_MARKS,
  );
  const process1 = sandbox.start('waits.sh', FIRST);
  await process1.logs('begun');
  const again = setInterval(() => process1.tell('SIGTERM'), 2);
  const { status, log } = await process1.ended;
  clearInterval(again);
  expect({ status, log }).toEqual({ status: 0, log: ['begun', 'told'] });
});

test('what it wants done meanwhile is done next to it, and ends with it', async () => {
  script(
    'core_leaving=; log begun; while [[ ! -e $STUB/done ]]; do x=$(sleep 0.02); done; log told',
    `${HEARS_MARKS}\ncore_when_told() { : >"$STUB/done"; exec sleep 100; }`,
  );
  const process1 = sandbox.start('waits.sh', FIRST);
  await process1.logs('begun');
  process1.tell('SIGTERM');
  expect(await process1.ended).toMatchObject({ status: 0, log: ['begun', 'told'] });
});

test('a mark of a former run is none', async () => {
  sandbox.write('state/waits-told', '');
  script('core_leaving=; core_hear; log "told: $core_leaving"', HEARS_MARKS);
  expect(await sandbox.run('waits.sh', FIRST)).toMatchObject({ status: 0, log: ['told: '] });
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
