# shellcheck shell=bash
# An object store, by rclone: how something is put there and is known to be there. No exit status is believed alone:
# what was sent is compared with what the store says it has. Needs pod.sh; in settings.sh `backup_remote` or
# `restore_remote`, and whether that is sealed.
#
#   STORE/NAMESPACE/SET/IDENTITY/log/...       the database's log, as the engine names its parts
#                                base/NAME/... a copy of all data, in chunks
#                                base/NAME/index  written last: without it there is no such backup
#
# IDENTITY is of the data: a set that is made new, or restored, has another, and so nothing is ever overwritten.
rclone=${STATEFUL_RCLONE:-/opt/rclone/rclone}
# What is on its way; of a copy, a line each; this set's data in the store.
# shellcheck disable=SC2034 # not every script uses them
stage=${STATEFUL_STAGE:-/var/lib/ship} facts=$state/facts core_set_path=
store=              # the remote and its folder
core_store_secrets= # where the keys are
core_store_config=
core_store_compare=()                        # how rclone compares what is there
core_store_complaint=$state/$container-store # what rclone said when last it failed
core_store_patience=3600                     # seconds that anything may take
core_store_limit=()                          # what jobs may take of the network; log and restores are not held up
[[ -z ${job:-} || -z ${rate_limit:-} ]] || core_store_limit=(--bwlimit "$rate_limit")

# core_open_store NAME: `backup` or `restore`. The keys are read now: a Secret that changes is met again by the next one
# who opens. Globals: config (read); store, core_store_secrets, core_store_config, core_store_compare (set).
core_open_store() {
  local remote=$1_remote sealed=$1_sealed path option features
  store=${!remote}
  core_store_secrets=${STATEFUL_STORE_SECRETS:-/run/secrets}/$1
  core_store_config=$config/rclone-$1.conf
  [[ ! -e $core_store_secrets/rclone.conf ]] || core_store_config=$core_store_secrets/rclone.conf
  for path in "$core_store_secrets"/*; do
    option=${path##*/}
    case $option in
      '*' | rclone.conf | passphrase) ;;
      *_file) export "RCLONE_CONFIG_${1^^}_${option^^}=$path" ;;
      *) export "RCLONE_CONFIG_${1^^}_${option^^}=$(<"$path")" ;;
    esac
  done
  core_store_compare=(check)
  if [[ ${!sealed} == yes ]]; then
    [[ -s $core_store_secrets/passphrase ]] || {
      core_store_failed "the Secret of the encryption has no passphrase, or an empty one"
      return 1
    }
    # With the configuration's path: without it rclone makes a folder in the user's home, which may be the volume.
    RCLONE_CONFIG_SEALED_PASSWORD=$(core_store_do 30 obscure - <"$core_store_secrets/passphrase") || {
      core_store_failed "the passphrase of the encryption cannot be used"
      return 1
    }
    export RCLONE_CONFIG_SEALED_PASSWORD RCLONE_CONFIG_SEALED_TYPE=crypt RCLONE_CONFIG_SEALED_REMOTE=$store \
      RCLONE_CONFIG_SEALED_SUFFIX=none RCLONE_CONFIG_SEALED_FILENAME_ENCRYPTION=off \
      RCLONE_CONFIG_SEALED_DIRECTORY_NAME_ENCRYPTION=false
    store=sealed: core_store_compare=(cryptcheck)
  elif ! features=$(core_store_do 30 backend features "${store%%:*}:") || [[ $features != *'"Hashes": ['$'\n'* ]]; then
    core_store_compare=(check --download) # it says no checksum: what it has is read back
  fi
}
# core_store_path PATH: in rclone's words.
core_store_path() { case $store in *:) printf '%s%s' "$store" "$1" ;; *) printf '%s/%s' "$store" "$1" ;; esac }
# core_store_folder PATH: likewise. Without the slash rclone asks an object store whether it is an object, and takes a
# store that fails then for one that says yes.
core_store_folder() { core_store_path "${1:+${1%/}/}"; }

# core_store_do SECONDS ARGUMENT...: rclone, for so long at most. What it says is kept, for core_store_failed.
# Its process is in `CONTAINER-call-BASHPID`, so that it can be ended from elsewhere.
core_store_do() {
  local status=0 pid seconds=$1 tries=3 call=$state/$container-call-$BASHPID
  # A pod that stops does not wait for a store that is away.
  core_hear
  if [[ -n ${core_leaving:-} ]]; then seconds=$((seconds < 20 ? seconds : 20)) tries=1; fi
  timeout -k 5 "$seconds" "$rclone" --config "$core_store_config" \
    --cache-dir "$state/rclone" --contimeout 5s --timeout 30s --retries 1 --low-level-retries "$tries" \
    --log-level ERROR "${core_store_limit[@]}" "${@:2}" 2>"$core_store_complaint" &
  pid=$!
  echo "$pid" >"$call"
  wait "$pid" 2>/dev/null || status=$?
  while kill -0 "$pid" 2>/dev/null; do # a signal ended the wait, and not the call
    status=0
    wait "$pid" 2>/dev/null || status=$?
  done
  rm -f "$call"
  return "$status"
}
# core_namespace: that this pod is in.
core_namespace() {
  local below=${domain#*.}
  printf '%s' "${below%%.*}"
}
# core_store_failed WHAT: says what rclone complained of, once.
core_store_failed() {
  local complaint
  complaint=$(sed -E 's/^[0-9/]+ [0-9:]+ ?//; s/^[A-Z]+ *: //' "$core_store_complaint" 2>/dev/null | tail -n 1) ||
    complaint=
  # Where it is sealed, the slash (core_store_folder) does not come through.
  [[ $complaint != *'is a file not a directory' ]] || complaint="it answers with errors, or refuses the keys"
  log_change "the store of the backups: $1${complaint:+: ${complaint//[![:print:]]/?}}"
}

# core_store_list PATH [ARGUMENT...]: names of what is below, a line each; none where there is no such folder. Fails
# where the store does not say, or has lost the bucket itself.
core_store_list() {
  local status=0
  core_store_do 120 lsf "$(core_store_folder "$1")" "${@:2}" || status=$?
  ((status == 3)) || return "$status"
  # For an object store a folder that is not there and a bucket that is not there are the same.
  core_store_do 30 lsf --max-depth 1 --dirs-only "$(core_store_folder '')" >/dev/null
}
# core_store_get PATH FILE: an object, compared with what the store says of it. 4 where there is none, another status
# where the store does not say.
core_store_get() {
  local status=0
  rm -f "$2"
  core_store_do 600 copyto --ignore-times --error-on-no-transfer "$(core_store_path "$1")" "$2" || status=$?
  case $status in
    0) [[ -f $2 ]] ;;
    9) return 4 ;; # an object store does not tell an object that is not there from an empty folder
    3 | 4) if core_store_list '' --max-depth 1 >/dev/null; then return 4; else return 1; fi ;;
    *) return "$status" ;;
  esac
}
# core_store_read PATH: prints a small object, likewise.
core_store_read() {
  local status=0
  core_store_get "$1" "$state/read-$BASHPID" || status=$?
  if ((status == 0)); then cat "$state/read-$BASHPID"; fi
  rm -f "$state/read-$BASHPID"
  return "$status"
}

# core_store_send DIRECTORY PATH: sends all files of DIRECTORY, and prints those of them that the store then has, a line
# each, by checksum. Nothing is overwritten: what is there and differs is said, and stays.
core_store_send() {
  local sign name failed='' total confirmed=0
  total=$(find "$1" -type f | wc -l)
  core_store_do "$core_store_patience" copy --immutable --checksum --transfers 4 "$1" "$(core_store_folder "$2")" ||
    failed=yes
  [[ -z $failed ]] || core_store_failed "not everything could be sent"
  while read -r sign name; do
    case $sign in
      =)
        confirmed=$((confirmed + 1))
        printf '%s\n' "$name"
        ;;
      '*')
        log "STORE DIFFERS: $2/$name is there, and is not what this set has. Nothing was overwritten. Does another set write into this folder?"
        ;;
    esac
  done < <(
    core_store_do "$core_store_patience" "${core_store_compare[@]}" --one-way --combined - \
      "$1" "$(core_store_folder "$2")"
  )
  if [[ -z $failed ]] && ((confirmed < total)); then
    core_store_failed "it took all, and of $total objects it has $confirmed as they were sent"
  fi
}
