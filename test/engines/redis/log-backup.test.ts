import { LOG_ID, onVolume } from './log';

// A job, in a pod of its own: it asks the primary, and sees in the store what its container `ship` has sent.
const BASE = `${LOG_ID}/base/000000002-1800001005`;
const JOB = `
  core_clock() { core_now=$(wc -l <"$STUB/pauses"); }
  pause() { echo >>"$STUB/pauses"; ! command -v after_a_while >/dev/null || after_a_while; }
  : >"$STUB/pauses"
  rewrites=0 scheduled=0 last=ok
  as_superuser() {
    log "\${*:2}"
    case $2 in
      INFO) printf '# Persistence\\r\\naof_enabled:1\\r\\naof_rewrite_in_progress:%s\\r\\naof_rewrite_scheduled:%s\\r\\naof_last_bgrewrite_status:%s\\r\\n' $(<"$STUB/state") ;;
      TIME) printf '1800001004\\n123\\n' ;;
      BGREWRITEAOF) echo 'Background append only file rewriting started' ;;
    esac
  }
  says() { echo "$*" >"$STUB/state"; }
  says 0 0 ok
  stores() { mkdir -p "$store/$log_of/$1"; : >"$store/$log_of/$1/$2"; }
  PART=0000000000000-25-${'a'.repeat(64)}`;

test('it names the base that was begun after it asked, when the store has all of it', async () => {
  const { out, log } = await onVolume(`${JOB}
    stores 000001-${LOG_ID}/base/000000001-1800001004 complete-9
    after_a_while() { (($(wc -l <"$STUB/pauses") < 4)) || { stores 000001-${BASE} $PART; stores 000001-${BASE} complete-25; }; }
    engine_backup host-0; cat "$facts"; engine_backup_facts && engine_seal`);
  expect(out).toEqual([
    'append-only file 1',
    `base 000001-${LOG_ID} 000000002-1800001005`,
    `part 0000000000000-25-${'a'.repeat(64)}`,
    `base 000001-${LOG_ID} 000000002-1800001005`,
    'size 25',
    `sealed 000001-${LOG_ID} 000000002-1800001005`,
  ]);
  expect(log.slice(0, 3)).toEqual(['INFO persistence', 'TIME', 'BGREWRITEAOF']);
});

test.each(['1 0 ok', '0 1 ok'])(
  'what was begun before (%s) is waited for, as it may note a later second than its data is of',
  async (state) => {
    const { log } = await onVolume(`${JOB}
    says ${state}; after_a_while() { (($(wc -l <"$STUB/pauses") < 3)) || { says 0 0 ok; stores 000001-${BASE} $PART; stores 000001-${BASE} complete-25; }; }
    engine_backup host-0 >/dev/null`);
    expect(log.slice(0, 5)).toEqual([
      'INFO persistence',
      'INFO persistence',
      'INFO persistence',
      'INFO persistence',
      'TIME',
    ]);
  },
);

test('a former failure does not count; one of this time does', async () => {
  const { out, log } = await onVolume(`${JOB}
    says 0 0 err; after_a_while() { case $(wc -l <"$STUB/pauses") in 1) says 1 0 err ;; 4) says 0 0 err ;; esac; }
    engine_backup host-0 || echo failed`);
  expect(out).toEqual(['failed']);
  expect(log.at(-1)).toBe(
    "orders-0 could not write its append-only file again: see its server's log. Is the volume full?",
  );
});

test('no base comes: it is given up', async () => {
  const { out, log } = await onVolume(`${JOB}
    pause() { printf '%0300d' 0 | tr 0 '\\n' >>"$STUB/pauses"; }; engine_backup host-0 || echo failed`);
  expect(out).toEqual(['failed']);
  expect(log.at(-1)).toBe("no base came to the store: see the container 'ship' of orders-0, and the server's log");
});

test.each([
  ['INFO', 'the primary does not say that it has written its append-only file: '],
  ['TIME', 'the primary does not say what time it is: '],
])('a primary that does not answer to %s', async (command, said) => {
  const { out, log } = await onVolume(`${JOB}
    pause() { printf '%01000d' 0 | tr 0 '\\n' >>"$STUB/pauses"; }; answers=$(declare -f as_superuser); eval "real_\${answers}"
    as_superuser() { if [[ $2 == ${command} ]]; then : >"$last_error_file"; return 1; fi; real_as_superuser "$@"; }; engine_backup host-0 || echo failed`);
  expect(out).toEqual(['failed']);
  expect(log.at(-1)).toBe(said);
});
