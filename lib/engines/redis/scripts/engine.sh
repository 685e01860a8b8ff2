# shellcheck shell=bash
# What Redis and Valkey supply to prepare.sh, copy.sh, bootstrap.sh and run.sh: how the server says who it is, copies,
# and starts. What it supplies to sync.sh and leave.sh is in engine-sync.sh. No function relies on `set -e`: bash
# ignores it in a function that is tested.
#
# Redis has no identity: a primary takes a new replication id whenever it starts. Ours is made with the data set, stands
# in the file `identity` next to it, and is part of the name of the user that replicas connect as: a primary of another
# identity does not know that user, so no replica ever takes its data for the primary's. In the data itself it is part
# of a function (position.sh), as functions are replicated and saved, and no key.

. "$scripts/secret.sh"
# shellcheck source=position.sh
. "$scripts/position.sh"

socket=$state/server.sock
users=$state/users.acl
token=$state/token                           # the password of the sidecar's own user, which is known in this pod only
passwords_set=$state/passwords-set           # the digest of the Secret whose passwords the server was last told
last_error_file=$state/$container-last-error # what the client said when last it asked another pod
# What a replica follows that must not follow anybody yet: like every replica, it refuses writes meanwhile.
no_primary="127.0.0.1 1"

# query HOST COMMAND...: as the replication user. Fails on an error too, and where the answer is longer than any that is
# expected.
query() {
  local host=$1 left=5
  shift
  ! command -v set_time_limit >/dev/null || set_time_limit # of the sidecar's look
  REDISCLI_AUTH=$(<"$credentials/replication-password") timeout -k 1 "$left" \
    "$program-cli" -e -t $((left + 1)) -h "$host" -p "$port" --user "$replication_user" "$@" 2>"$last_error_file" |
    head -c 8388608 | tr -d '\r\0'
}

# engine_prepare: before anything else in a container.
engine_prepare() {
  core_hold_secret
  write_users
}
# write_users: passwords stay out of the configuration: the users' file has hashes. Server and sidecar start at the same
# moment and both write it: one after the other, and the last one knows what the server has said of itself by then.
write_users() {
  local identity=
  core_check_passwords superuser-password replication-password password
  (
    umask 077
    exec {users_lock}>"$users.lock"
    flock "$users_lock"
    [[ ! -e $state/identity ]] || identity=$(<"$state/identity")
    {
      # No one can log in as it, but the server replays its log as this user: without rights, transactions and scripts
      # would be left out (seen with Redis 7.4 and 8.0 and Valkey 8.1).
      [[ $user == default ]] || echo "user default off ~* &* +@all"
      echo "user superuser on $(hash_of "$credentials/superuser-password") ~* &* +@all"
      # All that does not administer the server. Not functions, as they are how the data says where it stands: the
      # superuser loads them. Not what stops the server for all: a debugger's session, and a move to an address that
      # does not answer.
      echo "user $user on $(hash_of "$credentials/password")" \
        "~* &* +@all -@admin -function|load -function|flush -function|delete -function|restore -script|debug -migrate"
      echo "user $replication_user on $(hash_of "$credentials/replication-password")" \
        "resetchannels -@all +ping +echo +sync +psync +replconf +info +fcall_ro" \
        "+client|list +client|setname +client|no-evict"
      [[ -z $identity ]] ||
        echo "user follower-$identity on $(hash_of "$credentials/replication-password")" \
          "resetchannels -@all +ping +sync +psync +replconf"
      [[ ! -e $token ]] || echo "user stateful on $(hash_of "$token") ~* &* +@all"
    } >"$users.new" && mv "$users.new" "$users"
  )
}
# digest_of_secret: of the three, each by itself.
digest_of_secret() { sha256sum "$credentials"/{superuser-password,replication-password,password}; }
hash_of() { printf %s "$(<"$1")" | sha256sum | sed 's/^/#/; s/ .*//'; }

# engine_identity HOST: who the data is, the same on all its copies. Fails while it does not accept connections.
engine_identity() {
  local position
  position=$(position_of "$1") && echo "${position%% *}"
}
# It becomes part of a user's name.
engine_identity_of_files() {
  local identity
  identity=$(<"$1/identity") && [[ $identity =~ ^[0-9A-Za-z-]{1,64}$ ]] && echo "$identity"
}
engine_size() {
  local -A info=()
  info_of "$1" memory && has_info used_memory && echo "${info[used_memory]}"
}

# engine_replayed_position HOST: `IDENTITY ERA MARK BRANCH RUN REPLICATION-ID OFFSET [strayed]`, once a replica has all
# that it ever had (it did not start from its last snapshot, in the hope of a primary), and was made to follow no
# primary: its sidecar does that when it hears that ordinal 0 has no data. It then is a primary that refuses writes, and
# so one that can be copied. Else says why not.
engine_replayed_position() {
  local position word
  local -A info=()
  info_of "$1" replication persistence && has_info loading aof_enabled || return 1
  if [[ ${info[loading]} != 0 ]]; then
    echo "still loads its data"
  elif [[ ${info[role]} == slave && ${info[master_link_status]} == up ]]; then
    echo "still receives from $(sender_to "$1" || echo "${info[master_host]%.}")"
  elif [[ ${info[role]} == slave && ${info[aof_enabled]} != 1 ]]; then
    echo "still has its last snapshot only: it restarts, to load all that it received"
  elif [[ ${info[role]} == slave ]]; then
    echo "has not noticed yet that $set_name-0 recovers"
  elif position=$(position_of "$1"); then
    read -ra word <<<"$position"
    echo "${word[*]:0:5} $(stream_of_info)${word[5]:+ ${word[5]}}"
    return 0
  fi
  return 1
}
# sender_to HOST: the address that a replica receives from: a name may lead elsewhere by now.
sender_to() {
  local row
  row=$(query "$1" CLIENT LIST TYPE master) &&
    [[ $row =~ \ addr=([0-9A-Fa-f.:]{2,45}|\[[0-9A-Fa-f.:]{2,45}\]):[0-9]{1,5}\  ]] &&
    echo "${BASH_REMATCH[1]}"
}
# engine_has_all_of HOST POSITION OTHER: whether the data of HOST, settled at POSITION, has all that OTHER, another
# position, has. Whom somebody made a primary by hand, and who took writes, has what no other pod has: it is never
# chosen, and those writes do not count.
engine_has_all_of() {
  local own other history
  read -ra own <<<"$2"
  read -ra other <<<"$3"
  [[ ${own[0]} == "${other[0]}" && -z ${own[7]:-} ]] || return 1
  # Of one stream, the offset tells it to the byte.
  if [[ ${own[4]} == "${other[4]}" && ${own[5]} == "${other[5]}" ]]; then
    ((own[6] >= other[6]))
    return
  fi
  history=$(history_of "$1") || return 2
  is_ancestor_of "$3" "$2" "$history" settled
}

# engine_reserve_log PRIMARY SOURCE: the primary keeps its log in a ring in memory, and for no replica in particular.
# The copy begins once the source follows the primary of now, and so ends with a position in that log.
engine_reserve_log() {
  local begin
  [[ $1 != "$2" ]] || return 0
  core_clock
  begin=$core_now
  while ((core_now - begin < 60)); do
    if follows "$2" "$1"; then return 0; fi
    pause 0.1
    core_clock
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

# engine_copy SOURCE DIRECTORY: a snapshot with the position it was taken at. Its checksum is over all of it. It is the
# base of the append-only file too, of which the primary starts, and so does a replica without a primary.
engine_copy() {
  local identity
  identity=$(engine_identity "$1") || return 1
  mkdir -p "$2/appendonlydir" || return 1
  fetch_snapshot "$1" "$2/dump.rdb" || return 1
  "$program-check-rdb" "$2/dump.rdb" >"$state/check" || {
    tail -n 5 "$state/check" >&2
    return 1
  }
  ln "$2/dump.rdb" "$2/appendonlydir/appendonly.aof.1.base.rdb" || return 1
  echo 'file appendonly.aof.1.base.rdb seq 1 type b' >"$2/appendonlydir/appendonly.aof.manifest" || return 1
  echo "$identity" >"$2/identity" || return 1
  sync "$2/dump.rdb" "$2/appendonlydir/appendonly.aof.manifest" "$2/appendonlydir" "$2/identity"
}
fetch_snapshot() { # SOURCE FILE
  local version watcher status=0
  version=$("$program-server" --version) || return 1
  [[ $version =~ v=([0-9]+\.[0-9]+\.[0-9]+) ]] || {
    log "not a version: $version"
    return 1
  }
  while pause 10; do log "$(stat -c %s "$2" 2>/dev/null || echo 0) bytes so far"; done &
  watcher=$!
  REDISCLI_AUTH=$(<"$credentials/replication-password") \
    perl "$scripts/fetch-snapshot.pl" "$1" "$port" "$replication_user" "${BASH_REMATCH[1]}" "$2" || status=$?
  kill "$watcher"
  wait "$watcher" || true
  return "$status"
}

# engine_initialise DIRECTORY: there is nothing to make but who it is.
engine_initialise() {
  local identity
  identity=$(</proc/sys/kernel/random/uuid)
  mkdir "$1" && echo "${identity//-/}" >"$1/identity" && sync "$1/identity"
}

# engine_recover SOURCE DIRECTORY: a settled one can be copied (engine_replayed_position).
engine_recover() { engine_copy "$1" "$2"; }

# engine_run DIRECTORY: become the server, in the role of this ordinal. A replica follows no primary at first: sync.sh
# looks before.
engine_run() {
  local identity
  digest_of_secret >"$passwords_set" # before they are read: what changes from here on is seen
  identity=$(engine_identity_of_files "$1") || die "the file current/identity on the volume, which says whose data" \
    "this is, is missing or damaged"
  echo "$identity" >"$state/identity"
  [[ -e $token ]] || (umask 077 && tr -d - </proc/sys/kernel/random/uuid >"$token")
  write_users
  (umask 077 && server_conf "$1" "$identity" >"$state/server.conf")
  exec docker-entrypoint.sh "$program-server" "$state/server.conf"
}
server_conf() { # DIRECTORY IDENTITY
  local password appendonly=yes
  password=$(<"$credentials/replication-password")
  password=${password//\\/\\\\}
  if ((ordinal > 0)) && continues_from_snapshot "$1" "$2"; then appendonly=no; fi
  printf '%s\n' "include $config/$program.conf" "dir $1" "unixsocket $socket" "unixsocketperm 700" "aclfile $users" \
    "masteruser follower-$2" "masterauth \"${password//\"/\\\"}\"" "replica-announce-ip $HOSTNAME.$domain" \
    "appendonly $appendonly"
  ((ordinal == 0)) ||
    printf '%s\n' "replicaof $no_primary" "shutdown-on-sigterm save" "min-replicas-to-write $replicas_required"
}
replicas_required=1000 # so many replicas no server has: where it is nevertheless a primary, it refuses writes
# continues_from_snapshot DIRECTORY IDENTITY: the append-only file has all that this replica ever received, but not at
# which position of the primary's log; the last snapshot has. Where the primary still has the log from there on, nothing
# needs to be copied.
continues_from_snapshot() {
  local primary replication_id offset
  local -A info=()
  primary=$(core_host_of 0)
  read -r replication_id offset < <(
    perl "$scripts/rdb-head.pl" "$1/dump.rdb" repl-id repl-offset 2>/dev/null
  ) || return 1
  [[ $(engine_identity "$primary") == "$2" ]] && info_of "$primary" replication &&
    has_log_from "$replication_id" "$offset"
}
