# shellcheck shell=bash
# What MariaDB supplies to prepare.sh, clone.sh, blank.sh and run.sh: how it says who it is, copies, and starts. What it supplies to
# sync.sh and leave.sh is in engine-sync.sh. No function relies on `set -e`: bash ignores it in a function that is tested.
# What it does as MySQL does is in family.sh.

. "$scripts/family.sh"

source_silence=600 # seconds that a source may send nothing: it may wait for a table's lock

# local_query SQL SOCKET USER: of this pod's operating system, and so without a password.
local_query() { timeout 60 "${local_client[@]}" -N -B -S "$2" -u "$3" -e "$1"; }

# A position is DOMAIN-SERVER-SEQUENCE; there is one domain, and the server is the primary that wrote: another one after each recovery (its
# era is in the upper bits), so that what a lost primary wrote last is not taken for what its successor wrote under the same number.
is_position() { [[ $1 =~ ^[0-9]+-[0-9]+-[0-9]+$ ]]; }
sequence() { if is_position "$1"; then echo "${1##*-}"; else echo 0; fi; }
era() {
  local server=${1#*-}
  echo $((${server%-*} >> 20))
}

# engine_prepare: before anything else in a container. The key of the copies' certificate is derived from the password, so that pods know
# one another by what they have in common; nothing is stored for it.
engine_prepare() {
  local folder=$state/copy
  check_passwords superuser-password replication-password password
  mkdir -p "$folder"
  (
    umask 077
    cd "$folder" || exit 1
    {
      printf 302e020100300506032b657004220420
      printf 'copy:%s' "$(<"$credentials/replication-password")" | sha256sum | cut -d' ' -f1
    } | tr -d '\n' | perl -ne 'print pack "H*", $_' | openssl pkey -inform DER -out key.pem || exit 1
    openssl req -new -x509 -key key.pem -subj /CN=stateful-copy-ca -days 36500 -out ca.pem || exit 1
    openssl req -new -key key.pem -subj /CN=stateful-copy | openssl x509 -req -CA ca.pem -CAkey key.pem -days 36500 -set_serial 1 -out leaf.pem 2>leaf.log || exit 1
    cat key.pem leaf.pem >own.pem
  )
}

engine_size() { query "$1" "SELECT bytes FROM size"; }

# engine_settled_position HOST: `IDENTITY POSITION`, once a replica has nobody to receive from and has applied all that it received.
engine_settled_position() {
  local row
  row=$(query "$1" "SELECT i.id, @@gtid_current_pos FROM identity AS i
    WHERE NOT EXISTS (SELECT 1 FROM information_schema.slave_status WHERE slave_io_running = 'Yes' OR gtid_io_pos <> @@gtid_slave_pos AND slave_sql_running = 'Yes')") && [[ -n $row ]] || return 1
  echo "${row//$'\t'/ }"
}
engine_is_ahead() { # IDENTITY POSITION, twice; a later era has more
  local one=${1#* } other=${2#* }
  if (($(era "$one") != $(era "$other"))); then (($(era "$one") > $(era "$other"))); else (($(sequence "$one") > $(sequence "$other"))); fi
}

# engine_reserve PRIMARY SOURCE: the primary keeps its log by size, and for nobody in particular. The copy begins once the source has what the
# primary has now.
engine_reserve() {
  local here there i
  [[ $1 != "$2" ]] || return 0
  here=$(query "$1" "SELECT @@gtid_current_pos") || return 1
  for ((i = 0; i < 600; i++)); do
    there=$(query "$2" "SELECT @@gtid_slave_pos") || return 1
    if (($(sequence "$there") >= $(sequence "$here"))); then return 0; fi
    pause 0.1
  done
  return 1
}

# engine_copy SOURCE DIRECTORY: from the source's sidecar (donate.sh), made consistent here. The last file of the stream says that the backup
# was complete, and mariadb-backup that it can be used.
engine_copy() {
  local written position
  written=$(query "$1" "SELECT @@gtid_binlog_state") || return 1 # before the copy, so that it is not ahead of it
  copy "$1" "$2" && position=$(position_of "$2") || return 1
  at_rest "$2" "RESET MASTER; SET GLOBAL gtid_binlog_state = '$written'; SET GLOBAL gtid_slave_pos = '$position'"
}

copy() { # SOURCE DIRECTORY
  local identity watcher status=0
  identity=$(engine_identity "$1") || return 1
  mkdir "$2" || return 1
  while pause 10; do log "$(du -sm "$2" | cut -f1) MiB so far"; done &
  watcher=$!
  socat -u -T "$source_silence" "OPENSSL:$1:$copy_port,cert=$state/copy/own.pem,cafile=$state/copy/ca.pem,verify=1,commonname=stateful-copy,connect-timeout=5,keepalive,keepidle=5,keepintvl=5,keepcnt=3" \
    STDOUT 2>"$state/copy/socat.log" | mbstream -x -C "$2" || status=$?
  kill "$watcher"
  wait "$watcher" || true
  if ((status != 0)) || [[ ! -e $2/complete ]]; then
    log "the stream ended before the backup was complete: $(tail -n 1 "$state/copy/socat.log")"
    return 1
  fi
  rm "$2/complete"
  [[ ! -e $2/healthcheck.cnf ]] || mv "$2/healthcheck.cnf" "$2/.my-healthcheck.cnf"
  log "received $(du -sm "$2" | cut -f1) MiB; preparing"
  mariadb-backup --prepare --target-dir="$2" >"$state/copy/prepare.log" 2>&1 || { tail -n 5 "$state/copy/prepare.log" >&2; return 1; }
  echo "$identity" >"$2/identity"
}
position_of() {
  local position
  position=$(cut -f3 "$1/mariadb_backup_binlog_info") || return 1
  is_position "$position" || { log "the backup has no position: '$position'"; return 1; }
  echo "$position"
}

# at_rest DIRECTORY SQL: a server of which nobody knows, for as long as it takes to run the SQL: so that it is written when the copy counts as one.
at_rest() {
  local server status=0
  start_unseen mysql mariadbd --defaults-extra-file="$config/mariadb.cnf" --datadir="$1" --server-id=$((ordinal + 1)) --read-only=0 \
    --loose-innodb-buffer-pool-load-at-startup=0 || return 1
  local_query "$2" "$unseen" mysql || status=1
  stop_unseen || status=1
  ((status == 0)) && sync -f "$1"
}

# engine_initialise DIRECTORY
engine_initialise() {
  local identity
  identity=$(new_identity 32) || return 1
  MARIADB_ROOT_PASSWORD_FILE=$credentials/superuser-password MARIADB_DATABASE=$database \
    by_entry_point "$identity" mariadbd --defaults-extra-file="$config/mariadb.cnf" --datadir="$1" || return 1
  echo "$identity" >"$1/identity" && sync -f "$1"
}

# engine_recover SOURCE DIRECTORY: copy from a replica, whose position becomes the beginning of the primary's log: the replicas go on from there.
engine_recover() {
  local written position entry others=
  written=$(query "$1" "SELECT @@gtid_binlog_state") || return 1
  copy "$1" "$2" && position=$(position_of "$2") || return 1
  for entry in ${written//,/ }; do
    [[ ${entry%-*} == "${position%-*}" ]] || others+=$entry,
  done
  echo $((($(era "$position") + 1) << 20 | SRANDOM & 0xFFFFF)) >"$2/server-id"
  at_rest "$2" "RESET MASTER; SET GLOBAL gtid_slave_pos = ''; SET GLOBAL gtid_binlog_state = '$others$position'"
}

# engine_run DIRECTORY: become the server, in the role of this ordinal. A replica follows nobody at first: sync.sh looks before.
engine_run() {
  local read_only=0 server_id=1
  if ((ordinal > 0)); then
    read_only=1 server_id=$((ordinal + 1))
    # The position is in a table, as safe as the data. The relay log is not, and a server that finds it torn does not follow any more.
    rm -f "$1"/relay.[0-9]* "$1"/relay.index "$1"/relay-log.info "$1"/master.info
  elif [[ -e $1/server-id ]]; then
    server_id=$(<"$1/server-id")
  fi
  exec docker-entrypoint.sh mariadbd --defaults-extra-file="$config/mariadb.cnf" --datadir="$1" --socket="$socket" --server-id="$server_id" \
    --report-host="$HOSTNAME" --read-only="$read_only"
}
