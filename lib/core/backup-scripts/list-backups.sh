#!/usr/bin/env bash
# What the store has of this set, a line each, for `npx cdk8s-stateful backups`, which runs it by `kubectl exec`: in the
# container `ship`, or in `prepare` while that waits. It only reads. What the store says is printed where it matches a
# pattern, and no other.
#
#   data IDENTITY BEGAN          data of this name: one line for each time that it was made or restored, the newest
#                                last; the rest is of the newest
#   backup NAME ENDED BYTES      a complete backup, and how much the store has of it
#   parent NAME PARENT           it holds only what changed since that one
#   damaged NAME                 one whose index is not what was written
#   incomplete NAME              one that has no index: it is being made, or failed
#   proven NAME TIME SECONDS     it was restored and checked, and how long that took
#   unproven NAME TIME           its proof failed
#   log TIME                     when the newest part of the log was stored
#   gap TIME                     when it was found that the store lacks log from before
#   end                          that is all
container=backups
. "${STATEFUL_SCRIPTS:-/opt/stateful}/pod.sh"
# shellcheck source=store.sh
. "$scripts/store.sh"

core_instant='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z'
core_stamp='[0-9]{8}T[0-9]{6}Z'
core_found=${STATEFUL_STAGE:-/var/lib/ship}/listed-$$ # indexes and proofs

# core_tell_data SET: sets `core_newest`, the identity that was begun last.
# Globals: core_newest (set).
core_tell_data() {
  local names name began lines=''
  names=$(core_store_list "$1" --dirs-only) || return 1
  for name in $names; do
    name=${name%/}
    core_is_identity "$name" || continue
    began=$(core_store_list "$1/$name/began" --files-only | LC_ALL=C sort | head -n 1) || return 1
    [[ $began =~ ^$core_stamp$ ]] || continue
    lines+="$began $name"$'\n'
  done
  while read -r began name; do
    if [[ -n $name ]]; then
      printf 'data %s %s\n' "$name" "$began"
      core_newest=$name
    fi
  done < <(LC_ALL=C sort <<<"$lines")
}
# core_tell_backup NAME: by its index, which is in `core_found`.
core_tell_backup() {
  local path=$core_found/base/$1/index sum ended word first bytes size=0
  sum=$(head -n -1 "$path" | sha256sum)
  ended=$(sed -nE "s/^ended ($core_instant)\$/\\1/p" "$path")
  if [[ -z $ended || $(tail -n 1 "$path") != "sum ${sum%% *}" ]]; then
    printf 'damaged %s\n' "$1"
    return
  fi
  while read -r word first bytes _; do
    if [[ $word == size ]]; then bytes=$first; fi # of a copy that is in the log
    if [[ $word == @(chunk|size) && $bytes =~ ^[1-9][0-9]{0,12}$ ]]; then size=$((size + bytes)); fi
  done <"$path"
  printf 'backup %s %s %s\n' "$1" "$ended" "$size"
  sed -nE "s/^parent ($core_stamp) [0-9a-f]{64}\$/parent $1 \\1/p" "$path"
}
# core_tell_backups PATH: of one set's data.
core_tell_backups() {
  local names name path line newest_log gaps
  names=$(core_store_list "$1/base" --dirs-only) || return 1
  rm -rf "$core_found"
  mkdir -p "$core_found"
  core_store_do 600 copy --include '/base/*/index' --include '/proven/*' --include '/failed-proofs/*' \
    "$(core_store_folder "$1")" "$core_found" || return 1
  for name in $names; do
    name=${name%/}
    [[ $name =~ ^$core_stamp$ ]] || continue
    if [[ -f $core_found/base/$name/index ]]; then core_tell_backup "$name"; else printf 'incomplete %s\n' "$name"; fi
  done
  for path in "$core_found"/proven/*; do
    name=${path##*/}
    [[ -f $path && $name =~ ^$core_stamp(\.$core_stamp)?$ ]] || continue
    name=${name%%.*}
    line=$(tr '\n' ' ' <"$path")
    if [[ $line =~ ^proven\ ($core_instant)\ backup\ $name\ seconds\ ([0-9]{1,9})\ $ ]]; then
      printf 'proven %s %s %s\n' "$name" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
    fi
  done
  for path in "$core_found"/failed-proofs/*; do
    name=${path##*/}
    [[ -f $path && $name =~ ^($core_stamp)\.$core_stamp$ ]] || continue
    name=${BASH_REMATCH[1]}
    line=$(tr '\n' ' ' <"$path")
    if [[ $line =~ ^failed\ ($core_instant)\ backup\ $name\ $ ]]; then
      printf 'unproven %s %s\n' "$name" "${BASH_REMATCH[1]}"
    fi
  done
  newest_log=$(TZ=UTC core_store_list "$1/log" -R --files-only --format t --use-server-modtime |
    LC_ALL=C sort | tail -n 1) || return 1
  newest_log=${newest_log%%.*}
  if [[ ${newest_log/ /T}Z =~ ^$core_instant$ ]]; then printf 'log %sZ\n' "${newest_log/ /T}"; fi
  gaps=$(core_store_list "$1/gaps" --files-only) || return 1
  for name in $gaps; do
    if [[ $name =~ ^($core_stamp)\. ]]; then printf 'gap %s\n' "${BASH_REMATCH[1]}"; fi
  done
}

trap 'rm -rf "$core_found"' EXIT
[[ -n ${backup_remote:-} ]] || die "this set has no 'backup': there is no store of its own to ask"
core_open_store backup || die "the store cannot be used: see above"
core_newest=
core_tell_data "$(core_namespace)/$set_name" || {
  core_store_failed "it does not say which data of $set_name it has"
  exit 1
}
if [[ -n $core_newest ]]; then
  core_tell_backups "$(core_namespace)/$set_name/$core_newest" || {
    core_store_failed "it does not say which backups of $set_name it has"
    exit 1
  }
fi
echo end
