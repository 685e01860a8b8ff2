import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Result, Sandbox } from '../../core/scripts/sandbox';

// An append-only file as the server writes it, on the volume of ordinal 0, and a store that is a folder. Time is what
// the test says.
const FOLDER_STORE = readFileSync(join(__dirname, 'folder-store.sh'), 'utf8');
export const LOG_ID = '0123456789abcdef0123456789abcdef';

const PREPARED = `
  set +e
  . "$scripts/volume.sh"
  batch=4
  . "$scripts/restore.sh"
  core_back_off() { log "again $1"; }
  ${FOLDER_STORE}
  store=$STUB/store stage=$STUB/stage facts=$STUB/facts core_set_path=shop/orders/7f log_of=shop/orders/7f/log core_now=100
  mkdir -p "$store" "$stage" "$core_current/appendonlydir"
  echo ${LOG_ID} >"$core_current/log-id"
  aof=$core_current/appendonlydir
  hold_log() { :; }
  held_log() { hold_once; [[ $(<"$state/log-held") =~ ^[0-9]+$ ]] && echo held || cat "$state/log-held"; }
  core_clock() { :; }
  # cmd WORD...: as the log has it.
  cmd() { printf '*%d\\r\\n' $#; printf '$%d\\r\\n%s\\r\\n' $(for word; do echo "\${#word} $word"; done); }
  at() { printf '#TS:%s\\r\\n' "$1"; }
  # base SEQ SECOND [TEXT]: a snapshot, of which only the beginning is looked at.
  base() {
    printf "REDIS0012\\xfa\\x05ctime\\xc2\\x$(printf %08x "$2" | sed -E 's/(..)(..)(..)(..)/\\4\\\\x\\3\\\\x\\2\\\\x\\1/')%s" "\${3:-rest}" >"$aof/appendonly.aof.$1.base.rdb"
  }
  incr() { cat >>"$aof/appendonly.aof.$1.incr.aof"; }
  # manifest BASE SEQ...: 'h' behind a number: the server has no more use for it.
  manifest() {
    local n
    printf 'file appendonly.aof.%s.base.rdb seq %s type b\\n' "$1" "$1" >"$aof/appendonly.aof.manifest"
    for n in "\${@:2}"; do
      if [[ $n == *h ]]; then printf 'file appendonly.aof.%s.incr.aof seq %s type h\\n' "\${n%h}" "\${n%h}"; else printf 'file appendonly.aof.%s.incr.aof seq %s type i startoffset 11\\n' "$n" "$n"; fi
    done >>"$aof/appendonly.aof.manifest"
  }
  # What the store has of the log, without sums and the branch's id.
  stored() { (cd "$store/$log_of" 2>/dev/null && find . -type f -printf '%P\\n' | sed -E 's/-[0-9a-f]{64}//; s/-${LOG_ID}//' | sort); }
  # As another container, that knows nothing of what was sent.
  forget() { branch='' sent_through=0 base_path='' base_looked_at='' shipped=() parts_of=() end_of=() based=() waits_since=(); }
  BRANCH=000001-${LOG_ID}`;

export let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

/** Runs it as ordinal 0. */
export async function onVolume(
  script: string,
): Promise<{ readonly out: string[]; readonly log: string[]; readonly status: Result['status'] }> {
  sandbox = new Sandbox(
    0,
    {
      replication_user: 'replicator',
      user: 'app',
      program: 'redis',
      append_fsync: 'always',
      unflushed: '0',
      max_memory: '409mb',
      max_data_loss: '10',
      max_unshipped: '1000',
    },
    { scriptsOf: 'redis' },
  );
  sandbox.patience = 25_000; // they start many processes
  const { out, log, status } = await sandbox.run(`${PREPARED}\n${script}`);
  return { out: out.split('\n').slice(0, -1), log, status };
}
