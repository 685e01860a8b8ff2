# shellcheck shell=bash
# What MySQL supplies to prepare.sh, copy.sh, bootstrap.sh and run.sh: how it says who it is, copies, and starts. What
# it supplies to sync.sh and leave.sh is in engine-sync.sh. No function relies on `set -e`: bash ignores it in a
# function that is tested. What it has in common with MariaDB is in mysql-common.sh. The data directory is `data` below
# the volume's `current`.

. "$scripts/mysql-tools.sh"
. "$scripts/mysql-common.sh"

source_silence=600 # seconds without progress after which a copy is begun again
helper=(mysqld --defaults-extra-file="$config/mysql.cnf")

# local_query SQL SOCKET USER: of this pod's operating system, and so without a password. There may be one in the SQL,
# which is no argument. It may take as long as a copy does, but where `limit` is set, in seconds.
local_query() {
  ${limit:+timeout "$limit"} "${local_client[@]}" -N -B --init-command="$session_settings" -S "$2" -u "$3" <<<"$1"
}

# is_gtid_set TEXT: what such sets are made of (`UUID:1-5:9,UUID:TAG:1-3`), or nothing. Nothing else from another server
# goes into SQL.
is_gtid_set() { [[ $1 =~ ^[0-9A-Za-z_:,-]*$ ]]; }

# engine_prepare: before anything else in a container.
engine_prepare() {
  core_hold_secret
  check_secret
  make_keys || die "no certificates: pods cannot authenticate each other"
  if [[ -w $volume && ! -e $volume/temporary ]]; then mkdir -p "$volume/temporary"; fi
}

# check_secret: MySQL's clients cannot log in with a longer password.
check_secret() {
  local key
  core_check_passwords superuser-password replication-password password
  for key in superuser-password replication-password password; do
    (($(wc -c <"$credentials/$key") <= 256)) || die "the Secret's $key has more than 256 bytes, which MySQL does not" \
      "take: give it a shorter one"
  done
}

# engine_size HOST: and what the server takes that receives the copy.
engine_size() {
  local bytes
  bytes=$(query "$1" "SELECT CAST(134217728 + (SELECT SUM(file_size) FROM information_schema.innodb_tablespaces)
    + (SELECT SUM(total_extents * extent_size) FROM information_schema.files WHERE tablespace_name = 'innodb_system')
    AS UNSIGNED)") && core_is_number "$bytes" && echo "$bytes"
}

# engine_replayed_position HOST: `IDENTITY GTID-SET`, once a replica receives from no server, and has applied all that
# it received. If not, the reason is printed, to follow the pod's name. A receiver that waits to connect again does so
# once, and is OFF then.
engine_replayed_position() {
  local row id executed receiving source pending
  row=$(query "$1" "SELECT CONCAT_WS('|', i.id, REPLACE(@@gtid_executed, CHAR(10), ''),
      COALESCE(MAX(c.service_state <> 'OFF'), 0), COALESCE(MAX(c.source_uuid), ''),
      COALESCE(MAX(a.service_state <> 'OFF' AND NOT GTID_SUBSET(c.received_transaction_set, @@gtid_executed)), 0))
    FROM identity AS i
    LEFT JOIN performance_schema.replication_connection_status AS c ON TRUE
    LEFT JOIN performance_schema.replication_applier_status AS a USING (channel_name)
    GROUP BY i.id") && [[ -n $row ]] || return 1
  IFS='|' read -r id executed receiving source pending <<<"$row"
  core_is_identity "$id" && is_gtid_set "$executed" && [[ $source =~ ^[0-9a-f-]*$ ]] || return 1
  if [[ $receiving != 0 ]]; then
    echo "still receives from a former $set_name-0${source:+ (server $source)}"
    return 1
  elif [[ $pending != 0 ]]; then
    echo "still applies what it received"
    return 1
  fi
  echo "$id ${executed:-none}"
}
# engine_has_all_of HOST POSITION OTHER: whether each transaction of OTHER is one of POSITION's: 0 yes, 1 no, 2 not
# known. HOST is asked, as only MySQL knows its sets; it does not lose any of its own meanwhile.
engine_has_all_of() {
  local missing
  [[ ${2%% *} == "${3%% *}" ]] || return 1
  is_gtid_set "${2#* }" && is_gtid_set "${3#* }" || return 2
  missing=$(query "$1" "SELECT CONCAT('missing:', $(missing_sql "$2" "$3"),
    GTID_SUBTRACT('$(gtids_of "$2")', @@gtid_executed))") || return 2
  [[ $missing == missing:* ]] || return 2
  [[ $missing == missing: ]]
}
# missing_sql POSITION OTHER: in SQL, the transactions that lead to OTHER and not to POSITION. A position is `IDENTITY
# GTID-SET`, or `IDENTITY none`.
missing_sql() { echo "REPLACE(GTID_SUBTRACT('$(gtids_of "$2")', '$(gtids_of "$1")'), CHAR(10), '')"; }
gtids_of() { [[ ${1#* } == none ]] || echo "${1#* }"; }

# engine_reserve_log PRIMARY SOURCE: the primary keeps its log by size, and for no replica in particular. A copy stands
# where the source is at its end; it begins once the source has what the primary has now.
engine_reserve_log() {
  local needed i
  [[ $1 != "$2" ]] || return 0
  needed=$(query "$1" "SELECT REPLACE(@@gtid_executed, CHAR(10), '')") && is_gtid_set "$needed" || return 1
  for ((i = 0; i < 600; i++)); do
    case $(query "$2" "SELECT GTID_SUBSET('$needed', @@gtid_executed)") in
      1) return 0 ;;
      0) pause 0.1 ;;
      *) return 1 ;;
    esac
  done
  return 1
}

# engine_copy SOURCE DIRECTORY: by the clone plugin, which needs a server that receives. MySQL's own way would overwrite
# the data of the server that is to use it; ours has nothing, and is gone afterwards. Then a first start shows that the
# copy is one, and it forgets whom the source follows.
engine_copy() {
  copy "$1" "$2" && with_offline_server "$2" local_query "RESET REPLICA ALL" "$offline_socket" mysql
}
# engine_recover SOURCE DIRECTORY: the new era is the first transaction in the primary's log. What is before it the
# replicas have, or copy.
engine_recover() {
  copy "$1" "$2" &&
    with_offline_server "$2" local_query "RESET REPLICA ALL; UPDATE cdk8s_stateful.identity SET era = era + 1" \
      "$offline_socket" mysql
}

copy() { # SOURCE DIRECTORY
  local identity plugins plugin library receiver
  identity=$(engine_identity "$1") || return 1
  mkdir "$2" && mkdir -p "$state/copy" || return 1
  # It must have every plugin that the source has. What it writes for itself is gone with it.
  receiver=(
    --datadir="$2/receiver"
    --skip-log-bin
    --innodb-flush-method=nosync
    --innodb-doublewrite=OFF
    --innodb-redo-log-capacity=16M
    --auto-generate-certs=OFF
    --caching-sha2-password-auto-generate-rsa-keys=OFF
    --loose-clone-valid-donor-list="$1:$port"
    --loose-clone-ssl-ca="$certificates/ca.pem"
  )
  plugins=$(query "$1" "SELECT plugin_name, plugin_library FROM information_schema.plugins
    WHERE plugin_status = 'ACTIVE' AND plugin_library IS NOT NULL") || return 1
  while read -r plugin library; do
    [[ -n $library ]] || continue
    [[ $plugin =~ ^[0-9A-Za-z_]+$ && $library =~ ^[0-9A-Za-z_-]+\.so$ ]] || {
      log "the source has a plugin with an unsupported name: $plugin"
      return 1
    }
    receiver+=(--plugin-load-add="$plugin=$library")
  done <<<"$plugins"
  "${helper[@]}" "${receiver[@]}" --default-time-zone=SYSTEM --initialize-insecure >"$state/copy/server.log" 2>&1 || {
    print_server_errors
    return 1
  }
  with_watched_server root "$2/data" clone_from_source "$1" "$2/data" "$identity" "${receiver[@]}" || return 1
  rm -rf "$2/receiver"
  log "received $(du -sm "$2" | cut -f1) MiB; checking"
  echo "$identity" >"$2/identity"
}
# clone_from_source: its errors are printed without the statement's password.
clone_from_source() { # SOURCE DIRECTORY IDENTITY
  local secret said
  secret=$(follower_password) || return 1
  said=$(local_query \
    "CLONE INSTANCE FROM 'follower-$3'@'$1':$port IDENTIFIED BY '$secret' DATA DIRECTORY = '$2' REQUIRE SSL" \
    "$offline_socket" root 2>&1) && return 0
  [[ $said != *"${secret:0:6}"* ]] || said=${said%%:*}
  echo "$said" >&2
  return 1
}

# with_offline_server DIRECTORY COMMAND...: with an offline server: reachable on its socket only.
with_offline_server() {
  local folder=$1
  shift
  with_watched_server mysql "$folder" "$@" --datadir="$folder/data" --server-id=$((ordinal + 1)) \
    --innodb-buffer-pool-load-at-startup=OFF && sync -f "$folder"
}

# with_watched_server USER GROWING COMMAND... OPTION...: a server, for as long as the command takes. The server's
# options are all from the first that begins with `--` on. Meanwhile it says how far the folder GROWING is, and ends
# what stands still.
with_watched_server() {
  local user=$1 growing=$2 server watcher status=0 command=()
  shift 2
  until [[ $1 == --* ]]; do
    command+=("$1")
    shift
  done
  start_offline_server "$user" "${helper[@]}" "$@" \
    --super-read-only=OFF --skip-replica-start --event-scheduler=OFF --default-time-zone=SYSTEM || return 1
  watch_progress "$growing" "$server" &
  watcher=$!
  "${command[@]}" || status=1
  kill "$watcher" 2>/dev/null
  wait "$watcher" || true
  stop_offline_server || status=1
  return "$status"
}
watch_progress() { # FOLDER PROCESS
  local grown before='' since
  core_clock
  since=$core_now
  while pause 10; do
    core_clock
    grown=$(du -sm "$1" 2>/dev/null | cut -f1) || true
    log "${grown:-0} MiB so far"
    if [[ $grown != "$before" ]]; then before=$grown since=$core_now; fi
    if ((core_now - since > source_silence)); then kill -9 "$2"; fi
  done
}

# engine_initialise DIRECTORY: with the shorter identity of the two, as a user's name has 32 characters at most. The
# image's entry point writes the superuser's password unquoted into SQL and into an option file: it gets one that needs
# no quotes, and the Secret's is set before the data counts: by last-init.sh, or by a start of its own where the entry
# point has not called that.
engine_initialise() {
  local identity password=$state/initial-password
  identity=$(new_identity 20) &&
    mkdir -p "$1" "$state/only-init" &&
    (umask 077 && new_identity 32 >"$password") || return 1
  rm -f "$state/users-set"
  ln -sf "$scripts/last-init.sh" "$state/only-init/mysqladmin" || return 1
  MYSQL_ROOT_PASSWORD_FILE=$password MYSQL_DATABASE=$database \
    run_entry_point "$identity" mysqld --defaults-extra-file="$config/mysql.cnf" --datadir="$1/data" \
    --transaction-read-only=OFF --autocommit=ON --init-connect= --offline-mode=OFF \
    --completion-type=NO_CHAIN || return 1
  rm -f "$password"
  if [[ ! -e $state/users-set ]]; then
    STATEFUL_SOCKET=$offline_socket with_offline_server "$1" "$scripts/users.sh" || return 1
  fi
  echo "$identity" >"$1/identity" && sync -f "$1"
}

# engine_run DIRECTORY: become the server, in the role of this ordinal. A replica follows no primary at first: sync.sh
# looks before.
engine_run() {
  local read_only=OFF scheduler=()
  if ((ordinal == 0)); then
    # Another UUID for each start: so what a primary writes on an older volume never has the number of what replicas
    # have from a newer one.
    rm -f "$1/data/auto.cnf"
  else
    # What an event of the primary's does, a replica gets by the log.
    read_only=ON scheduler=(--event-scheduler=OFF)
  fi
  share_identity "$1" || die "$1/identity cannot be read"
  make_room_for_temporary_files "$volume/temporary" || die "$volume/temporary cannot be made"
  exec docker-entrypoint.sh mysqld --defaults-extra-file="$config/mysql.cnf" --datadir="$1/data" --socket="$socket" \
    --server-id=$((ordinal + 1)) --report-host="$HOSTNAME" \
    --read-only="$read_only" --super-read-only="$read_only" "${scheduler[@]}" \
    --ssl-ca="$certificates/ca.pem" --ssl-cert="$certificates/server.pem" --ssl-key="$certificates/server-key.pem"
}
