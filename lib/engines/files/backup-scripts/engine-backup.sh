# shellcheck shell=bash
# What plain files supply to ship.sh and backup.sh. Restoring is in engine-restore.sh. Needs engine.sh, store.sh.
#
# A backup is the files of one list that a pod has published: archives of contents, named by their MD5, and the list
# itself as the last. So what changes while it is taken is sent once more, and not all again. `at MARK RUN` in its index
# says which list that is, and `sealed BRANCH PART` from where on the log continues it.

# shellcheck source=contents.sh
. "$scripts/contents.sh"
# shellcheck source=log-look.sh
. "$scripts/log-look.sh"
# shellcheck source=log-ship.sh
. "$scripts/log-ship.sh"

passes=100 # over what has changed meanwhile: each is shorter than the one before, until it takes a second or two

# engine_data_identity DIRECTORY
engine_data_identity() { engine_identity_of_files "$1"; }
# engine_data_origin DIRECTORY: `new`, or what it was restored from.
engine_data_origin() {
  local origin=
  [[ ! -s $1/origin ]] || origin=$(<"$1/origin")
  echo "${origin:-new}"
}
engine_compress() { gzip -1 -n -c; }
engine_decompress() { gzip -d -c; }
engine_backup_identity() { know_peers && engine_identity "$1"; }
engine_in_step() { know_peers && read_from "$1" signs/ready >/dev/null; }
know_peers() { if passwords_changed; then meet_peers; fi; }

# engine_backup HOST: to stdout. The container `ship` looks at lists meanwhile, in a folder of its own.
engine_backup() {
  local work=${lists:-$state}/work-$container-base pass complete=''
  know_peers
  rm -rf "$work" && mkdir -p "$work" && no_entries "$work/had" && : >"$work/sent" && : >"$work/pieces" || return 1
  await_published "$1" || return 1
  for ((pass = 1; pass <= passes; pass++)); do
    if read_their_position "$1" "$work/at" backup && read_manifest "$1" "$work/at" backup; then
      wanted_of "$work/target" "$1" && collect "$1" "$work/wanted" "$stage/base" base || return 1
      if ((not_had == 0)); then
        complete=yes
        break
      fi
    fi
    pause 0.5
  done
  [[ -n $complete ]] || {
    log "the files of $(pod_of "$1") could not be copied as they are in its list, in $passes attempts" \
      "('${first_not_had:-the list}' for one): $(tail -n 1 "$work/complaint" 2>/dev/null)"
    return 1
  }
  mkdir -p "$stage/base" && pack "$(head -n 1 "$work/at")" "$work/target" >"$stage/base/list" &&
    is_packed "$stage/base/list" && cp "$work/pieces" "$stage/base/pieces" &&
    tar -c -C "$stage/base" -f - list pieces && rm -rf "$stage/base" || return 1
  head -n 1 "$work/at" | cut -d ' ' -f 2- | sed 's/^/at /' >"$facts"
}
# await_published HOST: until it has all that the primary had published when this was asked, as the log in the store may
# begin there only.
await_published() {
  local began at primary='' their="$work/primary-position"
  core_clock
  began=$core_now
  while :; do
    if read_their_position "$1" "$work/at" backup; then
      at=$(head -n 1 "$work/at")
      # Of another run its place cannot be told: it is another one then that has to be reached.
      if [[ -z $primary || ${primary##* } != "${at##* }" ]] &&
        read_their_position "$(core_host_of 0)" "$their" backup; then
        primary=$(head -n 1 "$their")
      fi
      if [[ -n $primary ]] && is_later "$primary" "$at"; then return 0; fi
    fi
    core_clock
    if ((core_now - began > 600)); then
      log "$(pod_of "$1") has not come to what $set_name-0 had published ten minutes ago: see the log of its" \
        "container 'rclone'"
      return 1
    fi
    pause 0.5
  done
}
# wanted_of MANIFEST HOST: what of it was not sent yet, in $work/wanted.
wanted_of() {
  local status=0
  ended <"$work/sent" >"$work/had" && on_manifests wanted.awk "$work/had" "$1" >"$work/wanted" || status=$?
  ((status == 0)) || log "the list of $(pod_of "$2") does not say what each file is, or there is no room for lists:" \
    "has it not followed since a crash?"
  return "$status"
}
base_takes_small() { # FOLDER
  (cd "$1" && find . -type f -printf '%P\n') >"$work/packed" &&
    { [[ ! -s $work/packed ]] || tar -c -C "$1" -T "$work/packed" -f -; } &&
    cat "$work/packed" >>"$work/sent" && rm -rf "$1"
}
# base_takes_piece FILE MD5 NUMBER: with the pass in its name, as one that is not what the list says has gone too when
# that is known.
base_takes_piece() {
  local name
  printf -v name '%s.%02d.%06d' "$2" "$pass" "$3"
  mv "$1" "${1%/*}/$name" && tar -c -C "${1%/*}" -f - "$name" && rm -f "${1%/*}/$name"
}
base_takes_large() { # MD5 COUNT
  printf '%s %02d %s\n' "$1" "$pass" "$2" >>"$work/pieces" && echo "$1" >>"$work/sent"
}

engine_backup_facts() { grep -qxE 'at (0|[1-9][0-9]{0,14}) [0-9A-Za-z-]{1,64}' "$facts"; }
# engine_seal: the backup is complete by itself. That the log continues it is known when the store has a list that is
# the same or came after it in the same run: prints the part of the log that has it.
engine_seal() {
  local mark run began branch name wait=1
  read -r _ mark run <"$facts" || return 1
  log "all data is sent; waiting for the log to come to list $mark"
  core_clock
  began=$core_now
  while :; do
    if branch=$(newest_branch "$core_set_path") && [[ -n $branch ]] &&
      name=$(part_with "$branch" "$mark" "$run") && [[ -n $name ]]; then
      # The first part of a branch is the list that it begins with.
      if [[ $name =~ $part_pattern ]] && ((10#${BASH_REMATCH[1]} == 1 && BASH_REMATCH[3] > mark)); then
        log "the log in the store began again after list $mark was copied, so nothing continues it"
        return 1
      fi
      echo "sealed $branch ${name%%-*}"
      return 0
    fi
    core_clock
    if ((core_now - began > 900 + 2 * max_data_loss)); then
      log "the log in the store has not come to list $mark of $run: see the container 'ship' of $set_name-0. Was" \
        "$set_name-0 started again meanwhile?"
      return 1
    fi
    pause "$wait"
    wait=$((wait < 15 ? wait * 2 : 15))
  done
}
# newest_branch PATH: of the data in that folder of the store; nothing where there is none.
newest_branch() {
  local names
  names=$(core_store_list "$1/log" --dirs-only) || {
    core_store_failed "it does not say which log it has"
    return 1
  }
  names=$(grep -oE "^$branch_pattern" <<<"$names" | LC_ALL=C sort | tail -n 1) || true
  printf '%s' "$names"
}
# part_with BRANCH MARK RUN: the name of the first part of it that ends with that list, or a later one of that run.
part_with() {
  local names name
  names=$(core_store_list "$core_set_path/log/$1/lists" --files-only) || {
    core_store_failed "it does not say which log it has"
    return 1
  }
  while IFS= read -r name; do
    if [[ $name =~ $part_pattern && ${BASH_REMATCH[4]} == "$3" ]] && ((BASH_REMATCH[3] >= $2)); then
      printf '%s' "$name"
      return 0
    fi
  done < <(LC_ALL=C sort <<<"$names")
}

# engine_prune_log PATH BACKUP: what is before the part that continues that backup.
engine_prune_log() {
  local branch part names path name first=''
  read -r _ branch part < <(core_store_read "$1/base/$2/index" | grep -xE "sealed $branch_pattern [0-9]{9}") || return 1
  names=$(core_store_list "$1/log" -R --files-only) || {
    core_store_failed "it does not say which log it has: nothing of it was deleted"
    return 1
  }
  while IFS= read -r path; do
    if [[ $path == "$branch/lists/$part"-* && ${path##*/} =~ $part_pattern ]]; then first=${BASH_REMATCH[2]}; fi
  done <<<"$names"
  [[ -n $first ]] || {
    log "DAMAGED: the store has no part $part of branch $branch of the log, which continues the backup $2: nothing of" \
      "the log was deleted"
    return 1
  }
  while IFS= read -r path; do
    [[ ${path%%/*} =~ ^$branch_pattern$ ]] || continue
    name=${path##*/}
    if [[ ${path%%/*} < $branch ]] || [[ $path == "$branch"/lists/* && ${name:0:9} < $part ]] ||
      [[ $path == "$branch"/contents/* && ${name:0:9} < $first ]]; then
      printf '%s\n' "$path"
    fi
  done <<<"$names" >"$stage/old-log"
  [[ -s $stage/old-log ]] || return 0
  core_store_do 3600 delete --files-from "$stage/old-log" "$(core_store_folder "$1/log")" || {
    core_store_failed "old log could not be deleted, and stays"
    return 1
  }
  log "removed $(wc -l <"$stage/old-log") objects of the log from before the backup $2"
}
