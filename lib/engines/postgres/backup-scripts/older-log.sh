# shellcheck shell=bash
# What a replica still has of the log from before a copy of it begins. For engine_recover.sh.

# shellcheck source=log-places.sh
. "$scripts/log-places.sh"

# fetch_older_log SOURCE DIRECTORY: from before what the copy has, back to what the source still keeps (wal_keep_size).
# The copy is a primary by now, on a timeline of its own, and what it had of the former one may be gone.
fetch_older_log() {
  local path name first='' oldest folder=$2/pg_wal/older end
  for path in "$2"/pg_wal/*; do
    name=${path##*/}
    if [[ $name =~ ^[0-9A-F]{24}$ && (-z $first || ${name:8} < $first) ]]; then first=${name:8}; fi
  done
  [[ -n $first ]] || return 0
  oldest=$(ask_sql "$1" "SELECT min(name) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}\$'" 10) || return 1
  [[ $oldest =~ ^[0-9A-F]{24}$ ]] || {
    log "older log: ${1%%.*} says '$oldest'"
    return 1
  }
  if [[ ! ${oldest:8} < $first ]]; then return 0; fi
  # pg_receivewal goes on after the last segment that its folder has: an empty one says where to begin.
  mkdir "$folder" && truncate -s 16M "$folder/${oldest:0:8}$(place_before "${oldest:8}")" || return 1
  end=$(printf '%X/%X' "$((16#${first:0:8}))" "$((16#${first:8} << 24))")
  timeout 600 "$bin/pg_receivewal" -D "$folder" -d "$(connection "$1" "log-for-$HOSTNAME" 0)" -w \
    --no-loop --endpos "$end" 2>"$last_error_file" || {
    log "copying older log: $(tail -n 1 "$last_error_file")"
    rm -rf "$folder"
    return 1
  }
  for path in "$folder"/*; do
    name=${path##*/}
    if [[ $name =~ ^[0-9A-F]{24}$ && ! ${name:8} < ${oldest:8} && ${name:8} < $first ]]; then
      mv "$path" "$2/pg_wal/" && : >"$2/pg_wal/archive_status/$name.ready" || return 1
      log "copied $name of the log"
    fi
  done
  rm -rf "$folder"
}
