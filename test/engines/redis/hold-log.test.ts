import { Result } from '../../core/scripts/sandbox';
import { go, pod, sandbox } from './pod';

// Whether the server keeps what it has no more use for. What engine_reconcile does otherwise is left out; what it asks
// is logged.
const PREPARED = `
  . "$scripts/engine_reconcile.sh"
  base_engine_reconcile() { :; }
  role=primary backup_remote=backup:b
  max_unshipped=1000
  core_clock() { core_now=$SECONDS; }
  actual_settings=(["aof-disable-auto-gc"]=yes)
  look() { core_now=$SECONDS; engine_reconcile; }`;
const held = (script: string, ordinal = 0): Promise<Result> => {
  pod(ordinal);
  return go(`${PREPARED}\n${script}`);
};
const KEEP = 'CONFIG SET aof-disable-auto-gc yes';
const DELETE = 'CONFIG SET aof-disable-auto-gc no';

test('the log has times, also where somebody changes that', async () => {
  const { out } = await held('look; echo "${required_settings["aof-timestamp-enabled"]} ${guarded[*]}"');
  expect(out).toMatch(/^yes .*maxmemory aof-timestamp-enabled aof-disable-auto-gc$/m);
});

test('what the server has no more use for stays as long as the container ship says so', async () => {
  const { log } = await held(
    'look; echo 100 >"$state/log-held"; SECONDS=210; look; SECONDS=221; look; actual_settings["aof-disable-auto-gc"]=no; look; echo 221 >"$state/log-held"; look',
  );
  expect(log).toEqual([DELETE, KEEP]);
});

test('a container that does not begin for two minutes is not waited for', async () => {
  const { log } = await held('look; SECONDS=219; look; SECONDS=220; look');
  expect(log).toEqual([DELETE]);
});

test('what the container ship lets go goes at once; and nothing does where all log is kept', async () => {
  const { log } = await held(
    'echo let-go >"$state/log-held"; look; actual_settings["aof-disable-auto-gc"]=no; echo 100 >"$state/log-held"; look; max_unshipped=0; SECONDS=1000; actual_settings["aof-disable-auto-gc"]=yes; look',
  );
  expect(log).toEqual([DELETE, KEEP]);
});

test('what was sent goes, once', async () => {
  const { log } = await held(
    'echo 100 >"$state/log-held"; look; echo 7 >"$state/log-shipped"; look; look; echo 8 >"$state/log-shipped"; look',
  );
  expect(log).toEqual([DELETE, KEEP, DELETE, KEEP]);
});

test('another sidecar does not let go what the former one did', async () => {
  const { log } = await held('echo 100 >"$state/log-held"; echo 7 >"$state/log-shipped"; look; look');
  expect(log).toEqual([]);
});

test('nothing of it on a replica, nor in a set that is only restored', async () => {
  expect(
    (await held('look; echo "${#required_settings[@]}"; echo 7 >"$state/log-shipped"; SECONDS=1000; look', 1)).log,
  ).toEqual([]);
  await sandbox.dispose();
  expect((await held('backup_remote=; echo 7 >"$state/log-shipped"; look; SECONDS=1000; look')).log).toEqual([]);
});
