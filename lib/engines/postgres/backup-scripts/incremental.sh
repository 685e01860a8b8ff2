# shellcheck shell=bash
# Backups of PostgreSQL that hold only what changed since another one. The server notes which blocks its log changes
# (`summarize_wal`, set by engine_run.sh), and is sent the manifest of the other backup. For engine-backup.sh and
# engine-restore.sh.

start_line='^start [0-9A-F]{1,8}/[0-9A-F]{1,8} [0-9]{1,10}$' # of an index, and of `facts`

# keep_manifest: hands a tar on, and keeps the manifest in it, which comes last, as `$stage/manifest`.
keep_manifest() {
  local reader status=0
  rm -f "$stage/tar" "$stage/manifest"
  mkfifo "$stage/tar" || return 1
  (
    tar -xO backup_manifest >"$stage/manifest"
    cat >/dev/null # what fills the last record
  ) <"$stage/tar" &
  reader=$!
  tee "$stage/tar" || status=1
  wait "$reader" || status=1
  rm -f "$stage/tar"
  ((status == 0)) && grep -q '^"Manifest-Checksum": "[0-9a-f]*"}$' "$stage/manifest"
}

# note_history HOST [INDEX]: of the timelines that lead to the copy, as a line of `facts`. Fails where it does not go on
# from the backup of that index: the set was recovered just now.
note_history() {
  local start timeline history
  if ! read -r _ start timeline < <(grep -E "$start_line" "$facts") ||
    ! history=$(history_at "$(connection "$1")" "$timeline"); then
    log "${1%%.*} does not say where in its history the copy is"
    return 1
  fi
  printf 'history %s\n' "$history" >>"$facts" || return 1
  [[ -z ${2:-} ]] || goes_on_from "$2" "$1" "$timeline $start $history"
}
# end_of INDEX: where that backup ends, as a position without the identity.
end_of() {
  local timeline end history
  read -r _ _ timeline < <(grep -E "$start_line" "$1") &&
    read -r _ end < <(grep -E '^end [0-9A-F]{1,8}/[0-9A-F]{1,8}$' "$1") &&
    read -r _ history < <(grep -E '^history (-|[0-9A-F@/,]+)$' "$1") && echo "$timeline $end $history"
}
# goes_on_from INDEX HOST POSITION: whether the data of HOST has all that the backup holds. One that a recovery left
# behind holds blocks of what was lost, and no server notes that these are others now.
goes_on_from() {
  local end
  end=$(end_of "$1") || {
    log "the index of the newest backup does not say where in the log it is"
    return 1
  }
  is_ancestor_of "identity $end" "identity $3" || {
    log "${2%%.*} has another history than that backup, as after a recovery: it holds what was lost"
    return 1
  }
}

# engine_builds_on HOST INDEX: whether HOST's data goes on from that backup, and HOST has noted all that changed since
# it began; else says why not. The server looks again, and has the last word.
engine_builds_on() {
  local start timeline replayed row position noted i
  # A replica's copy begins at a checkpoint of the primary's, and that must be after the other backup's end.
  if [[ $1 != "$(core_host_of 0)" ]]; then
    if ! replayed=$(ask_sql "$(core_host_of 0)" "CHECKPOINT; SELECT pg_current_wal_lsn()" 600) ||
      ! await_replay ask_sql "$1" "$replayed"; then
      log "${1%%.*} does not replay the log up to a checkpoint of the primary"
      return 1
    fi
  fi
  if ! row=$(identify "$1") || ! position=$(position_at "$(connection "$1")" "$row"); then
    log "${1%%.*} does not say where in its history it is"
    return 1
  fi
  goes_on_from "$2" "$1" "${position#* }" && read -r _ start timeline < <(grep -E "$start_line" "$2") || return 1
  for ((i = 0; i < 60; i++)); do
    noted=$(ask_sql "$1" "
      SELECT CASE WHEN current_setting('summarize_wal') <> 'on' THEN 'off'
        WHEN EXISTS (SELECT FROM pg_available_wal_summaries()
          WHERE tli = $timeline AND start_lsn <= '$start' AND end_lsn > '$start') THEN 'all'
        WHEN EXISTS (SELECT FROM pg_available_wal_summaries() WHERE end_lsn > '$start') THEN 'less'
        ELSE 'not yet' END") || noted=
    case $noted in
      all) return 0 ;;
      'not yet') pause 0.5 ;;
      *) break ;;
    esac
  done
  case $noted in
    off) log "${1%%.*} does not note what changes: summarize_wal is off there" ;;
    *) log "${1%%.*} has not noted all that changed since that backup began: it was copied since, or told to" ;;
  esac
  return 1
}

# engine_combine DIRECTORY FOLDER...: of a full backup and those that build on it, each of which was compared with its
# manifest. What is made is so too. What is not needed any more goes at once.
engine_combine() {
  local directory=$1 folder links=()
  shift
  for folder in "${@:1:$#-1}"; do rm -rf "$folder"/pg_wal/* || return 1; done
  # A file that did not change is then the same on the volume, and not a second one.
  ((PG_MAJOR < 18)) || links=(--link)
  "$bin/pg_combinebackup" --manifest-checksums=SHA256 "${links[@]}" -o "$directory" "$@" >"$stage/combine.log" 2>&1 || {
    log "pg_combinebackup says: $(tail -n 2 "$stage/combine.log")"
    return 1
  }
  rm -rf "$@"
  "$bin/pg_verifybackup" -q "$directory"
}
