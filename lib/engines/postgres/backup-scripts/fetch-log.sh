#!/usr/bin/env bash
# restore_command of PostgreSQL, in the container `prepare` or in a job: one part of the log from the store. That the
# store has none, and that it does not answer, are two things: the first ends the replay (1), and the second must not.
# So whatever else goes wrong here is 255, at which PostgreSQL ends instead of taking this for the end of the log.
answered=
trap '[[ -n $answered ]] || exit 255' EXIT
if [[ -n ${job:-} ]]; then
  container=prove
  . "${STATEFUL_SCRIPTS:-/opt/stateful}/job.sh"
else
  container=prepare
  . "${STATEFUL_SCRIPTS:-/opt/stateful}/pod.sh"
fi
# shellcheck source=volume.sh
. "$scripts/volume.sh"
. "$scripts/store.sh"
. "$scripts/engine-backup.sh"
read -r core_from_store path <"$state/restore-path"
name=$1 target=$2
# there_is_none: the store said so.
there_is_none() {
  answered=yes
  exit 1
}
[[ $name =~ $log_part ]] || there_is_none
for ((i = 1; i < 10; i++)); do
  status=0
  core_open_store "$core_from_store" &&
    core_store_get "$path/log/$(folder_of "$name")/$name.zst" "$target.zst" ||
    status=$?
  if ((status == 0)); then
    if engine_decompress <"$target.zst" >"$target.new" && mv "$target.new" "$target"; then
      rm -f "$target.zst"
      answered=yes
      exit 0
    fi
    log "DAMAGED: $path/log/$name in the store cannot be unpacked"
    exit 255
  fi
  rm -f "$target.zst"
  if ((status == 4)); then
    # The end of the log, or a gap in it. Parts are sent side by side: a later one may be there a moment before.
    later=$(first_log_after "$path" "$name") || continue
    if [[ -n $later && $i -lt 6 ]]; then
      core_back_off "$i"
      continue
    fi
    [[ -z $later ]] || printf '%s %s\n' "$name" "$later" >"$state/log-gap"
    there_is_none
  fi
  core_store_failed "it does not give $name of the log; trying again"
  core_back_off "$i"
done
exit 255
