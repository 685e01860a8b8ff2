# shellcheck shell=bash
# What MySQL and MariaDB have in common before they serve: for engine.sh of either. Its client.sh says how the client is
# called, what a session of ours sets (`session_settings`), and which password those have who copy and follow.
#
# Neither has an identity that copies share: a MySQL server's UUID is another one on each copy, and MariaDB counts
# transactions from 1 in every new database, so that two may look like one history. Ours is made with the database,
# stands in the table cdk8s_stateful.identity and in a file next to the data, and is part of the name of the user that
# replicas follow as: a primary of another identity does not know that user.

. "$scripts/secret.sh"
# shellcheck source=client.sh
. "$scripts/client.sh"
. "$scripts/sql.sh"

offline_socket=$state/copy/server.sock       # of a server that is reachable here only
last_error_file=$state/$container-last-error # what the client said when last it asked another pod

# query HOST SQL: as the replication user.
query() {
  renew_keys || return 1
  MYSQL_PWD=$(<"$credentials/replication-password") timeout 10 "${network_client[@]}" -N -B \
    --connect-timeout=3 --init-command="${session_settings:-DO 0}" \
    -h "$1" -P "$port" -u "$replication_user" -D cdk8s_stateful -e "$2" 2>"$last_error_file"
}

is_our_identity() { [[ $1 =~ ^[0-9a-f]{20,32}$ ]]; }
engine_identity() {
  local identity
  identity=$(query "$1" "SELECT id FROM identity") && core_is_identity "$identity" && echo "$identity"
}
engine_identity_of_files() { cat "$1/identity"; }
new_identity() { # LENGTH
  local identity
  identity=$(</proc/sys/kernel/random/uuid)
  identity=${identity//-/}
  echo "${identity:0:$1}"
}

# share_identity DIRECTORY: to sync.sh, which has no volume: the table is overwritten by anyone who loads a dump of
# another set.
share_identity() { cp "$1/identity" "$state/identity.new" && mv "$state/identity.new" "$state/identity"; }

# make_room_for_temporary_files DIRECTORY: on the volume, and never of a former server. Large ones, as of an ALTER
# TABLE, would fill the node's disk.
make_room_for_temporary_files() { rm -rf "$1" && mkdir "$1"; }

# run_entry_point IDENTITY SERVER OPTION...: make a new database by the official entry point,
# /docker-entrypoint-initdb.d included. The server that it would then become is our only-init.sh, under the server's
# name.
run_entry_point() {
  mkdir -p "$state/only-init" && ln -sf "$scripts/only-init.sh" "$state/only-init/$2" || return 1
  identity=$1 PATH=$state/only-init:$PATH docker-entrypoint.sh "${@:2}" --server-id=1 --socket="$socket"
}

# start_offline_server USER SERVER OPTION...: a server that no one can reach from elsewhere, as `server`; returns when
# it answers USER. It may have its log to apply first: that takes as long as it takes, and it is not ended for it.
start_offline_server() {
  local begin
  core_clock
  begin=$core_now
  mkdir -p "${offline_socket%/*}" || return 1
  "${@:2}" --skip-networking --socket="$offline_socket" --pid-file="$state/copy/server.pid" \
    >"$state/copy/server.log" 2>&1 &
  server=$!
  until limit=10 local_query "SELECT 1" "$offline_socket" "$1" >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || {
      print_server_errors
      return 1
    }
    core_clock
    if ((core_now - begin >= 5)); then
      log_change "waiting for the temporary server on the copy to start: it may have to apply its log first"
    fi
    pause 0.1
  done
}
stop_offline_server() {
  kill "$server" 2>/dev/null
  wait "$server"
}
print_server_errors() { grep -F '[ERROR]' "$state/copy/server.log" >&2 || tail -n 5 "$state/copy/server.log" >&2; }
