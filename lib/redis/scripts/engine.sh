# shellcheck shell=bash
# What Redis and Valkey supply to prepare.sh, clone.sh, blank.sh and run.sh: how the server says who it is, copies, and starts. What it
# supplies to sync.sh and leave.sh is in engine-sync.sh. No function relies on `set -e`: bash ignores it in a function that is tested.
#
# Redis has no identity: a primary takes a new replication id whenever it starts. Ours is made with the data set, stands in the file
# `identity` beside it, and is part of the name of the user that replicas connect as: a primary of another identity does not know that
# user, so no replica ever takes its data for the primary's. In the data itself it is part of a function (position.sh), as functions
# are replicated and saved, and no key.

# shellcheck source=position.sh
. "$scripts/position.sh"

socket=$state/server.sock
users=$state/users.acl
token=$state/token # the password of the sidecar's own user, which is known in this pod only
complaint=$state/$part-complaint # what the client said when last it asked another pod
nowhere="127.0.0.1 1" # what a replica follows that must not follow anybody yet: like every replica, it refuses writes meanwhile

# query HOST COMMAND...: as the replication user. Fails on an error too.
query() {
  local host=$1
  shift
  REDISCLI_AUTH=$(<"$credentials/replication-password") timeout 5 "$program-cli" -e -t 3 -h "$host" -p "$port" --user "$replication_user" "$@" 2>"$complaint" | tr -d '\r'
}

# engine_prepare: before anything else in a container. Passwords stay out of the configuration: the users' file has hashes. Server and sidecar
# start at the same moment and both write it: one after the other, and who is last knows what the server has said of itself by then.
engine_prepare() {
  local identity=
  check_passwords superuser-password replication-password password
  (
    umask 077
    exec {users_lock}>"$users.lock"
    flock "$users_lock"
    [[ ! -e $state/identity ]] || identity=$(<"$state/identity")
    {
      [[ $user == default ]] || echo "user default off"
      echo "user superuser on $(hash_of "$credentials/superuser-password") ~* &* +@all"
      # All that does not administer the server; and not what would remove our function.
      echo "user $user on $(hash_of "$credentials/password") ~* &* +@all -@admin -function|flush -function|delete -function|restore"
      echo "user $replication_user on $(hash_of "$credentials/replication-password") resetchannels -@all +ping +echo +sync +psync +replconf +info +fcall_ro +client|list +client|setname"
      [[ -z $identity ]] || echo "user follower-$identity on $(hash_of "$credentials/replication-password") resetchannels -@all +ping +psync +replconf"
      [[ ! -e $token ]] || echo "user stateful on $(hash_of "$token") ~* &* +@all"
    } >"$users.new" && mv "$users.new" "$users"
  )
}
hash_of() { printf %s "$(<"$1")" | sha256sum | sed 's/^/#/; s/ .*//'; }

# engine_identity HOST: who the data is, the same on all its copies. Fails while it does not accept connections.
engine_identity() {
  local position
  position=$(query "$1" FCALL_RO stateful_position 0) && echo "${position%% *}"
}
engine_identity_of_files() { cat "$1/identity"; }
engine_size() {
  local -A info=()
  info_of "$1" memory && echo "${info[used_memory]}"
}

# engine_settled_position HOST: `IDENTITY ERA MARK OFFSET`, once a replica has all that it ever had (it did not start from its last
# snapshot, in the hope of a primary), and nobody to receive more from. The offset is 0 where its connection was to an earlier primary.
engine_settled_position() {
  local position identity era mark offset=0
  local -A info=()
  info_of "$1" replication persistence || return 1
  [[ ${info[role]} == master ]] || [[ ${info[master_link_status]} == down && ${info[aof_enabled]} == 1 ]] || return 1
  position=$(query "$1" FCALL_RO stateful_position 0) || return 1
  read -r identity era mark _ <<<"$position"
  [[ ${info[role]} == master ]] || offset=${info[slave_repl_offset]}
  echo "$identity $era $mark $offset"
}
# engine_is_ahead POSITION POSITION: whether the first has more than the second; a later era has.
engine_is_ahead() {
  local one other i
  read -ra one <<<"$1"
  read -ra other <<<"$2"
  for i in 1 2 3; do
    ((one[i] == other[i])) || { ((one[i] > other[i])); return; }
  done
  return 1
}

# engine_reserve PRIMARY SOURCE: the primary keeps its log in a ring in memory, and for nobody in particular. The copy begins once the
# source follows the primary of now, and so ends with a position in that log.
engine_reserve() {
  local i
  [[ $1 != "$2" ]] || return 0
  for ((i = 0; i < 600; i++)); do
    if follows "$2" "$1"; then return 0; fi
    pause 0.1
  done
  return 1
}
# follows REPLICA PRIMARY: whether it gets all changes of what the primary is now.
follows() {
  local replication_id
  local -A info=()
  info_of "$2" replication || return 1
  replication_id=${info[master_replid]}
  info_of "$1" replication || return 1
  [[ ${info[role]} == slave && ${info[master_link_status]} == up && ${info[master_replid]} == "$replication_id" ]]
}

# engine_copy SOURCE DIRECTORY: a snapshot with the position it was taken at. Its checksum is over all of it. It is the base of the
# append-only file too, of which the primary starts, and so does a replica without a primary.
engine_copy() {
  local identity watcher status=0
  identity=$(engine_identity "$1") || return 1
  mkdir -p "$2/appendonlydir" || return 1
  while pause 10; do log "$(stat -c %s "$2/dump.rdb" 2>/dev/null || echo 0) bytes so far"; done &
  watcher=$!
  REDISCLI_AUTH=$(<"$credentials/replication-password") "$program-cli" -t 3 -h "$1" -p "$port" --user "$replication_user" --rdb "$2/dump.rdb" >&2 || status=$?
  kill "$watcher"
  wait "$watcher" || true
  ((status == 0)) || return 1
  "$program-check-rdb" "$2/dump.rdb" >"$state/check" || { tail -n 5 "$state/check" >&2; return 1; }
  ln "$2/dump.rdb" "$2/appendonlydir/appendonly.aof.1.base.rdb" || return 1
  echo 'file appendonly.aof.1.base.rdb seq 1 type b' >"$2/appendonlydir/appendonly.aof.manifest" || return 1
  echo "$identity" >"$2/identity" || return 1
  sync "$2/dump.rdb" "$2/appendonlydir/appendonly.aof.manifest" "$2/appendonlydir" "$2/identity"
}

# engine_initialise DIRECTORY: there is nothing to make but who it is.
engine_initialise() {
  local identity
  identity=$(</proc/sys/kernel/random/uuid)
  mkdir "$1" && echo "${identity//-/}" >"$1/identity" && sync "$1/identity"
}

# engine_recover SOURCE DIRECTORY: a replica without a primary gives no copy. So it is made a primary, one that refuses writes (see
# engine_run), until the new one serves, which its sidecar waits for.
engine_recover() {
  local -A info=()
  info_of "$1" replication || return 1
  if [[ ${info[role]} != master ]]; then
    REDISCLI_AUTH=$(<"$credentials/superuser-password") timeout 5 "$program-cli" -e -t 3 -h "$1" -p "$port" --user superuser REPLICAOF NO ONE >/dev/null || return 1
  fi
  engine_copy "$1" "$2"
}

# engine_run DIRECTORY: become the server, in the role of this ordinal. A replica follows nobody at first: sync.sh looks before.
engine_run() {
  cp "$1/identity" "$state/identity"
  [[ -e $token ]] || (umask 077 && tr -d - </proc/sys/kernel/random/uuid >"$token")
  engine_prepare
  (umask 077 && server_conf "$1" "$(<"$1/identity")" >"$state/server.conf")
  exec docker-entrypoint.sh "$program-server" "$state/server.conf"
}
server_conf() { # DIRECTORY IDENTITY
  local password appendonly=yes
  password=$(<"$credentials/replication-password")
  password=${password//\\/\\\\}
  if ((ordinal > 0)) && continues_from_snapshot "$1" "$2"; then appendonly=no; fi
  printf '%s\n' "include $config/$program.conf" "dir $1" "unixsocket $socket" "unixsocketperm 700" "aclfile $users" \
    "masteruser follower-$2" "masterauth \"${password//\"/\\\"}\"" "replica-announce-ip $HOSTNAME.$domain" "appendonly $appendonly"
  ((ordinal == 0)) || printf '%s\n' "replicaof $nowhere" "shutdown-on-sigterm save" "min-replicas-to-write 1000"
}
# continues_from_snapshot DIRECTORY IDENTITY: the append-only file has all that this replica ever received, but not at which position of the
# primary's log; the last snapshot has. Where the primary still has the log from there on, nothing needs to be copied.
continues_from_snapshot() {
  local primary replication_id offset
  local -A info=()
  primary=$(host_of 0)
  read -r replication_id offset < <(perl "$scripts/rdb-position.pl" "$1/dump.rdb" 2>/dev/null) || return 1
  [[ $(engine_identity "$primary") == "$2" ]] && info_of "$primary" replication && has_log_from "$replication_id" "$offset"
}
