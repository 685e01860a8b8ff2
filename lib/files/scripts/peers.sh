# shellcheck shell=sh disable=SC3043
# How pods talk: each serves what it has over SFTP, to read, to those that know the replication password, and rclone is server and client.
#
#   files/      the files themselves
#   published/  position, manifest and changes (publish.sh, follow.sh)
#   signs/      ready, leaving (engine-sync.sh)
#   line        in place of all that: what `answer` tells

# rclone lists a folder before it gives a file of it, and again for the next file where the list is older than this. If listing itself takes
# longer, no copy ever ends. What has changed is seen sooner, as rclone is told to forget its lists (`renew_lists`).
cached=1m

# meet_peers: sets rclone's environment. Passwords go by it, never by arguments, which everyone in the pod can see.
meet_peers() {
  local password
  check_passwords replication-password
  password=$(cat "$credentials/replication-password")
  export RCLONE_CONFIG=notfound RCLONE_CACHE_DIR="$state/rclone" TZ=UTC0
  export RCLONE_USER=replicator RCLONE_PASS="$password"
  export RCLONE_CONFIG_PEER_TYPE=sftp RCLONE_CONFIG_PEER_PORT="$port" RCLONE_CONFIG_PEER_USER=replicator
  RCLONE_CONFIG_PEER_PASS=$(printf '%s' "$password" | rclone obscure -)
  # Every pod makes a host key of its own when it starts: whoever knows the password is a pod of this set.
  export RCLONE_CONFIG_PEER_PASS RCLONE_SFTP_KNOWN_HOSTS_FILE=none
  : >"$state/met-$part"
}
# passwords_changed: whether the kubelet has brought a changed Secret since.
# shellcheck disable=SC3013 # busybox and dash know -nt
passwords_changed() { [ "$credentials/..data" -nt "$state/met-$part" ]; }

# serve FOLDER: become a server of it.
serve() {
  # The connections log in with a name for what they do (`call`), which is what is worth logging (engine.sh).
  exec rclone serve sftp --addr ":$port" --authorized-keys '' --read-only --local-no-check-updated --dir-cache-time "$cached" --poll-interval 0 -v "$1"
}

# peer HOST PATH: as rclone names it. The quotes are for addresses of IPv6.
peer() { printf 'peer,host="%s":%s' "$1" "$2"; }

# call WHAT-FOR COMMAND...: rclone as a client that does not wait long. WHAT-FOR shows in the log of the pod that is asked.
call() {
  local what="$1"
  shift
  rclone --user-agent "$what-by-$set_name-$ordinal" --contimeout 2s --timeout 10s --low-level-retries 1 "$@"
}

# read_from HOST PATH [WHAT-FOR]: prints a file of another pod; fails with a status of which is_absent says whether the pod answered that there
# is none.
read_from() { call "${3:-look}" --retries 1 cat "$(peer "$1" "$2")" 2>/dev/null; }
is_absent() { [ "$1" -eq 3 ] || [ "$1" -eq 4 ]; }
