import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Result } from '../../core/scripts/sandbox';
import { FilesPod } from './pod';

// Ordinal 0 with files and what its server publishes of them, its container `ship`, and a store that is a folder. Time
// is what the test says.
const FOLDER_STORE = readFileSync(join(__dirname, '..', 'redis', 'folder-store.sh'), 'utf8');

const PREPARED = `
  set +e
  . "$scripts/volume.sh"
  . "$scripts/restore.sh"
  . "$scripts/publish.sh"
  core_back_off() { log "again $1"; }
  ${FOLDER_STORE}
  store=$STUB/store stage=$STUB/stage facts=$STUB/facts core_set_path=shop/orders/documents now=100
  log_of=$store/$core_set_path/log
  core_clock() { core_now=$now core_now_cs=$((now * 100)); }
  pause() { now=$((now + 50)); } # what waits for ever gives up
  renew_lists() { :; } # there is no server
  # With small files, or without, which are then read as they are now.
  with_bundles=
  eval "real_$(declare -f bundle)"
  bundle() { [[ -z $with_bundles ]] || real_bundle "$@"; }
  mkdir -p "$store" "$stage" "$core_current/files" "$core_current/published" "$state/signs" "$STUB/pods/orders-0/signs" "$state/server"
  ln -sfn "$core_current/files" "$STUB/pods/orders-0/files"
  ln -sfn "$core_current/published" "$STUB/pods/orders-0/published"
  : >"$STUB/pods/orders-0/signs/ready"
  # The server, in a shell of its own. start: another run of it. change TEXT: in the folder of the files.
  server() (data=$core_current files=$data/files published=$data/published work=$state/server; "$@")
  start() { server start_server 2>/dev/null; published_at "$1"; }
  start_server() {
    if [[ ! -e $published/position ]]; then
      echo 'documents 0 none' | put position
      echo 'documents 0 none 0' | put manifest
    fi
    begin_publishing
  }
  change() { (cd "$core_current/files" && eval "$1"); }
  # publish SECOND: what has changed, twice, as what is missed for the first time is kept once more.
  publish_at() { server publish_changed && published_at "$1" && server publish_changed && published_at "$1"; }
  publish_changed() {
    read_position "$published/position"
    history=$(tail -n +2 "$published/position") oldest=1
    scan && { is_empty "$work/delta" || publish; } && note_scan
  }
  published_at() {
    local at=$core_current/published
    touch -d "@$1" "$at/manifest" "$at/$(head -n 1 "$at/position" | cut -d ' ' -f 2)/changes"
  }
  # ship: looks, and sends. other_ship: another container, that knows nothing.
  ship() { engine_watch; engine_ship; }
  other_ship() { unsent='' branch_id='' branch='' branch_found='' store_answers='' noted='' noted_run='' seen='' since_full=''; }
  # later: when what waits is due.
  later() { ship; now=$((now + 10)); ship; }
  # backup NAME ENDED: as core_take_base does it.
  backup() {
    local folder=$store/$core_set_path/base/$1
    rm -rf "$folder" && mkdir -p "$folder"
    engine_backup "$(core_host_of 0)" | engine_compress >"$folder/copy" && engine_backup_facts && { cat "$facts"; engine_seal; } >"$folder/index"
  }
  # restore BACKUP UNTIL: what is there then, a line each, and how it ends.
  restore() {
    rm -rf "$STUB/incoming"
    cp "$store/$core_set_path/base/$1/index" "$stage/index"
    engine_decompress <"$store/$core_set_path/base/$1/copy" | engine_restore "$STUB/incoming"
    (container=prepare && engine_replay "$STUB/incoming" "$core_set_path" "$2" 'shop/orders until latest') || { echo failed; return; }
    there "$STUB/incoming/files"
  }
  there() { (cd "$1" && find . -mindepth 1 ! -type l -type f -printf '%P=' -exec cat {} \\; -printf '\\n' -o -type l -printf '%P->%l\\n' -o -mindepth 1 -printf '%P/\\n' | grep . | LC_ALL=C sort); }
  # What the store has of the log, without sums and runs; and a part of it.
  stored() { (cd "$log_of" 2>/dev/null && find . -type f -printf '%P\\n' | sed -E 's/-[0-9a-f]{64}//; s/^([0-9]{6})-[0-9a-f]{32}/\\1/; s/-[0-9a-f]{8}-[0-9a-f-]{27}//' | LC_ALL=C sort); }
  part() { gzip -d -c "$log_of"/*/lists/"$(printf %09d "$1")"-* | sed -E 's/-[0-9a-f]{64}//g; s/ [0-9a-f]{8}-[0-9a-f-]{27}//; s/([0-9]+):([0-9]+):[0-9.:]+/VERSION/; s/ [0-9a-f]{32} / MD5 /; s/ d 755 [0-9]+/ d 755 VERSION/; s/^d 755 [0-9]+/d 755 VERSION/'; }
  T=1800000000
`;

export let pod: FilesPod;
afterEach(() => pod.dispose());
jest.setTimeout(180_000);

/** Runs it as ordinal 0; fails where it does. */
export async function onVolume(
  script: string,
): Promise<{ readonly out: string[]; readonly log: string[]; readonly status: Result['status'] }> {
  pod = new FilesPod(0, { max_data_loss: '15', max_unshipped: '1000000' });
  pod.patience = 150_000; // they start many processes
  const { out, log, status } = await pod.run(`${PREPARED}\n${script}`);
  return { out: out.split('\n').slice(0, -1), log, status };
}
