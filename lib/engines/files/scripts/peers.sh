# shellcheck shell=bash
# How pods talk: each serves what it has over SFTP, to read, to those that have the key of the set (keys.sh), and rclone
# is server and client.
#
#   files/      the files themselves
#   published/  position, manifest and changes (publish.sh, follow.sh)
#   signs/      ready, leaving (engine-sync.sh); takes-from, detached (follow.sh)
#   line        instead of all that: what `serve_status` tells

# rclone lists a folder before it gives a file of it, and again for the next file where the list is older than this. If
# listing itself takes longer, no copy ever ends. What has changed is seen sooner, as rclone is told to forget its lists
# (`renew_lists`).
cached=1m

# meet_peers: sets rclone's environment. Anyone who has not the key is told nothing and is not believed, whatever name
# or address is his.
meet_peers() {
  local password
  : >"$state/met-$container" # first, as the Secret may change meanwhile
  core_check_passwords replication-password
  export RCLONE_CONFIG=notfound RCLONE_CACHE_DIR="$state/rclone" TZ=UTC0
  password=$(cat "$credentials/replication-password")
  keys=$state/keys-$(printf '%s' "$password" | sha256sum | cut -c -16)
  if [[ ! -e $keys ]]; then
    make_key "$password" "$keys-of-$container" ||
      die "the key of the set could not be made; is there room in $state? The log of rclone says:" \
        "$(tail -n 1 "$keys-of-$container/log")"
    mv -T "$keys-of-$container" "$keys" 2>/dev/null || rm -rf "$keys-of-$container" # another container was quicker
  fi
  export RCLONE_CONFIG_PEER_TYPE=sftp RCLONE_CONFIG_PEER_PORT="$port" RCLONE_CONFIG_PEER_USER=replicator
  export RCLONE_CONFIG_PEER_KEY_FILE="$keys/key" RCLONE_CONFIG_PEER_KNOWN_HOSTS_FILE="$keys/known-hosts"
}
# passwords_changed: whether the kubelet has brought a changed Secret since.
passwords_changed() { [[ $credentials/..data -nt $state/met-$container ]]; }

# serve FOLDER: become a server of it.
serve() {
  # The connections log in with a name for what they do (`call`), which is what is worth logging (engine.sh).
  exec rclone serve sftp --addr ":$port" --user replicator \
    --authorized-keys "$keys/authorized-keys" --key "$keys/key" \
    --read-only --local-no-check-updated --dir-cache-time "$cached" --poll-interval 0 -v "$1"
}

# peer HOST PATH: as rclone names it. The quotes are for addresses of IPv6, and so are the brackets.
peer() {
  if [[ $1 == *:* ]]; then printf 'peer,host="[%s]":%s' "$1" "$2"; else printf 'peer,host="%s":%s' "$1" "$2"; fi
}

# call WHAT-FOR COMMAND...: rclone as a client that does not wait long. WHAT-FOR shows in the log of the pod that is
# asked.
call() {
  local what="$1"
  shift
  # shellcheck disable=SC2086 # it is `exec`, `timeout` or nothing
  ${with:-} rclone --user-agent "$what-by-$set_name-$ordinal" --contimeout 2s --timeout 10s --low-level-retries 1 "$@"
}

# attend_call WHAT-FOR COMMAND...: the same, so that a signal is taken at once; its log is $work/call-log. `$within` is
# `timeout` or nothing. `end_call` ends it, and so does a pod that accepts no connection any more: rclone would try once
# more for each of its files, two seconds each.
attend_call() {
  local what="$1" pid watcher status=0
  shift
  printf '' >"$work/call-log" || return 1
  (with="exec ${within:-}" && call "$what" --log-file "$work/call-log" "$@") &
  pid=$!
  echo "$pid" >"$state/call-$container"
  watch_call "$pid" &
  watcher=$!
  wait "$pid" 2>/dev/null || status=$? # it may have been terminated, which bash would say
  rm -f "$state/call-$container"
  kill "$watcher" 2>/dev/null || true
  wait "$watcher" 2>/dev/null || true
  return "$status"
}
end_call() { kill "$(cat "$state/call-$container" 2>/dev/null)" 2>/dev/null || true; }
# watch_call PID: on a busy node one connection may fail.
watch_call() {
  while pause 1; do
    if (($(grep -c "couldn't connect SSH" "$work/call-log") >= 3)); then
      kill "$1"
      return
    fi
  done
}
# pod_of HOST: whose name or address that is. By its address only the primary is called.
pod_of() { case $1 in *-*) printf '%s\n' "${1%%.*}" ;; *) printf '%s-0\n' "$set_name" ;; esac }

# read_from HOST PATH [WHAT-FOR]: prints a file of another pod; fails with a status of which is_absent says whether the
# pod answered that there is none. Without WHAT-FOR it is a small one, and who does not give it soon does not answer:
# the sidecar must hear of a signal.
read_from() {
  local with=''
  [[ -n ${3:-} ]] || with='timeout 5'
  # In a shell of its own: a signal is taken when it has ended, and what is said then must not go where its complaints
  # go.
  (call "${3:-look}" --retries 1 cat "$(peer "$1" "$2")") 2>"$state/last-error-$container"
}
# is_stranger: whether who was asked last has another key.
is_stranger() { grep -qsE 'knownhosts: key|unable to authenticate' "$state/last-error-$container"; }
is_absent() { (($1 == 3 || $1 == 4)); }

# serve_status LINE: become a process that tells LINE to every pod that asks, as no one is told anything who has not the
# key. For the same reason probe_peer asks in the same way.
serve_status() {
  mkdir -p "$state/answer"
  printf '%s\n' "$1" >"$state/answer/line"
  serve "$state/answer" 2>/dev/null
}
# probe_peer HOST: `connected` and the line that its `serve_status` tells, or nothing more where a server took the call;
# fails where no one does.
probe_peer() {
  local line status=0
  line=$(read_from "$1" line) || status=$?
  if is_absent "$status"; then line=; elif ((status != 0)); then return 1; fi
  printf 'connected %s\n' "$line"
}
# address_of ORDINAL: the first, or nothing.
address_of() { core_addresses_of "$(core_host_of "$1")" | head -n 1 || true; }
