# shellcheck shell=bash
# What MySQL supplies to prepare.sh, clone.sh, blank.sh and run.sh: how it says who it is, copies, and starts. What it supplies to
# sync.sh and leave.sh is in engine-sync.sh. No function relies on `set -e`: bash ignores it in a function that is tested.
# What it does as MariaDB does is in family.sh. The data directory is `data` below the volume's `current`.

. "$scripts/own-tools.sh"
. "$scripts/family.sh"

source_silence=600 # seconds without progress after which a copy is begun again
helper=(mysqld --defaults-extra-file="$config/mysql.cnf")

# local_query SQL SOCKET USER: of this pod's operating system, and so without a password. There may be one in the SQL, which is no argument.
local_query() { "${local_client[@]}" -N -B -S "$2" -u "$3" <<<"$1"; }

# count_of GTID-SET: how many transactions are in it: `UUID:1-5:9, UUID:TAG:1-3`.
count_of() {
  local interval count=0
  for interval in ${1//[:,]/ }; do
    if [[ $interval =~ ^([0-9]+)(-([0-9]+))?$ ]]; then count=$((count + ${BASH_REMATCH[3]:-${BASH_REMATCH[1]}} - BASH_REMATCH[1] + 1)); fi
  done
  echo "$count"
}

# engine_prepare: before anything else in a container.
engine_prepare() { check_passwords superuser-password replication-password password; }

# engine_size HOST: and what the server takes that receives the copy.
engine_size() { query "$1" "SELECT SUM(file_size) + 134217728 FROM information_schema.innodb_tablespaces"; }

# engine_settled_position HOST: `IDENTITY ERA COUNT`, once a replica has nobody to receive from and has applied all that it received. There is
# one writer, so a replica that has more transactions has all of one that has fewer; after each recovery begins another era.
engine_settled_position() {
  local row id era executed
  row=$(query "$1" "SELECT id, era, REPLACE(@@gtid_executed, CHAR(10), '') FROM identity
    WHERE NOT EXISTS (SELECT 1 FROM performance_schema.replication_connection_status AS c JOIN performance_schema.replication_applier_status AS a USING (channel_name)
      WHERE c.service_state = 'ON' OR a.service_state = 'ON' AND NOT GTID_SUBSET(c.received_transaction_set, @@gtid_executed))") && [[ -n $row ]] || return 1
  read -r id era executed <<<"$row"
  echo "$id $era $(count_of "$executed")"
}
engine_is_ahead() { # IDENTITY ERA COUNT, twice
  local one other
  read -ra one <<<"$1"
  read -ra other <<<"$2"
  if ((one[1] != other[1])); then ((one[1] > other[1])); else ((one[2] > other[2])); fi
}

# engine_reserve PRIMARY SOURCE: the primary keeps its log by size, and for nobody in particular. A copy stands where the source is at its
# end; it begins once the source has what the primary has now.
engine_reserve() {
  local here i
  [[ $1 != "$2" ]] || return 0
  here=$(query "$1" "SELECT REPLACE(@@gtid_executed, CHAR(10), '')") || return 1
  for ((i = 0; i < 600; i++)); do
    case $(query "$2" "SELECT GTID_SUBSET('$here', @@gtid_executed)") in
      1) return 0 ;;
      0) pause 0.1 ;;
      *) return 1 ;;
    esac
  done
  return 1
}

# engine_copy SOURCE DIRECTORY: by the clone plugin, which needs a server that receives. MySQL's own way would overwrite the data of
# the server that is to use it; ours has nothing, and is gone afterwards. Then a first start shows that the copy is one, and it forgets
# whom the source follows.
engine_copy() {
  copy "$1" "$2" && at_rest "$2" "RESET REPLICA ALL"
}
# engine_recover SOURCE DIRECTORY: the new era is the first transaction in the primary's log. What is before it the replicas have, or copy.
engine_recover() {
  copy "$1" "$2" && at_rest "$2" "RESET REPLICA ALL; UPDATE cdk8s_stateful.identity SET era = era + 1"
}

copy() { # SOURCE DIRECTORY
  local identity plugins plugin library receiver
  identity=$(engine_identity "$1") || return 1
  mkdir "$2" && mkdir -p "$state/copy" || return 1
  # It must have every plugin that the source has. What it writes for itself is gone with it.
  receiver=(--datadir="$2/receiver" --skip-log-bin --innodb-flush-method=nosync --innodb-doublewrite=OFF --innodb-redo-log-capacity=16M
    --auto-generate-certs=OFF --caching-sha2-password-auto-generate-rsa-keys=OFF --loose-clone-valid-donor-list="$1:$port")
  plugins=$(query "$1" "SELECT plugin_name, plugin_library FROM information_schema.plugins WHERE plugin_status = 'ACTIVE' AND plugin_library IS NOT NULL") || return 1
  while read -r plugin library; do
    [[ -z $library ]] || receiver+=(--plugin-load-add="$plugin=$library")
  done <<<"$plugins"
  "${helper[@]}" "${receiver[@]}" --initialize-insecure >"$state/copy/server.log" 2>&1 || { why_it_ended; return 1; }
  with_server root "CLONE INSTANCE FROM 'follower-$identity'@'$1':$port IDENTIFIED BY '$(follower_password)' DATA DIRECTORY = '$2/data' REQUIRE SSL" \
    "$2/data" "${receiver[@]}" || return 1
  rm -rf "$2/receiver"
  log "received $(du -sm "$2" | cut -f1) MiB; checking"
  echo "$identity" >"$2/identity"
}

# at_rest DIRECTORY SQL: by a server of which nobody knows.
at_rest() {
  with_server mysql "$2" "$1/data" --datadir="$1/data" --server-id=$((ordinal + 1)) --innodb-buffer-pool-load-at-startup=OFF && sync -f "$1"
}

# with_server USER SQL GROWING OPTION...: a server, for as long as the SQL takes. Meanwhile it says how far the folder GROWING is, and ends
# what stands still.
with_server() {
  local user=$1 sql=$2 growing=$3 server watcher status=0
  shift 3
  start_unseen "$user" "${helper[@]}" "$@" --super-read-only=OFF --skip-replica-start || return 1
  watch_progress "$growing" "$server" &
  watcher=$!
  local_query "$sql" "$unseen" "$user" || status=1
  kill "$watcher" 2>/dev/null
  wait "$watcher" || true
  stop_unseen || status=1
  return "$status"
}
watch_progress() { # FOLDER PROCESS
  local grown before='' since=$SECONDS
  while pause 10; do
    grown=$(du -sm "$1" 2>/dev/null | cut -f1) || true
    log "${grown:-0} MiB so far"
    if [[ $grown != "$before" ]]; then before=$grown since=$SECONDS; fi
    if ((SECONDS - since > source_silence)); then kill -9 "$2"; fi
  done
}

# engine_initialise DIRECTORY: with the shorter identity of the two, as a user's name has 32 characters at most.
engine_initialise() {
  local identity
  identity=$(new_identity 20) && mkdir -p "$1" || return 1
  MYSQL_ROOT_PASSWORD_FILE=$credentials/superuser-password MYSQL_DATABASE=$database \
    by_entry_point "$identity" mysqld --defaults-extra-file="$config/mysql.cnf" --datadir="$1/data" || return 1
  echo "$identity" >"$1/identity" && sync -f "$1"
}

# engine_run DIRECTORY: become the server, in the role of this ordinal. A replica follows nobody at first: sync.sh looks before.
engine_run() {
  local read_only=OFF scheduler=()
  if ((ordinal == 0)); then
    # Another UUID for each start: so what a primary writes on an older volume never has the number of what replicas have from a newer one.
    rm -f "$1/data/auto.cnf"
  else
    # What an event of the primary's does, a replica gets by the log.
    read_only=ON scheduler=(--event-scheduler=OFF)
  fi
  exec docker-entrypoint.sh mysqld --defaults-extra-file="$config/mysql.cnf" --datadir="$1/data" --socket="$socket" --server-id=$((ordinal + 1)) \
    --report-host="$HOSTNAME" --read-only="$read_only" --super-read-only="$read_only" "${scheduler[@]}"
}
