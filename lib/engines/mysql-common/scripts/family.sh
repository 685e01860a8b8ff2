# shellcheck shell=bash
# What MySQL and MariaDB do alike before they serve: for engine.sh of either. Its client.sh says how the client is called, what a session of ours
# sets (`own_session`), and which password those have who copy and follow.
#
# Neither has an identity that copies share: a MySQL server's UUID is another one on each copy, and MariaDB counts transactions from 1 in
# every new database, so that two may look like one history. Ours is made with the database, stands in the table cdk8s_stateful.identity
# and in a file beside the data, and is part of the name of the user that replicas follow as: a primary of another identity does not know
# that user.

. "$scripts/secret.sh"
# shellcheck source=client.sh
. "$scripts/client.sh"
. "$scripts/sql.sh"

unseen=$state/copy/server.sock # of a server that nobody knows of
complaint=$state/$part-complaint # what the client said when last it asked another pod

# query HOST SQL: as the replication user.
query() {
  renew_keys || return 1
  MYSQL_PWD=$(<"$credentials/replication-password") timeout 10 "${network_client[@]}" -N -B --connect-timeout=3 --init-command="${own_session:-DO 0}" \
    -h "$1" -P "$port" -u "$replication_user" -D cdk8s_stateful -e "$2" 2>"$complaint"
}

is_our_identity() { [[ $1 =~ ^[0-9a-f]{20,32}$ ]]; }
engine_identity() {
  local identity
  identity=$(query "$1" "SELECT id FROM identity") && is_identity "$identity" && echo "$identity"
}
engine_identity_of_files() { cat "$1/identity"; }
new_identity() { # LENGTH
  local identity
  identity=$(</proc/sys/kernel/random/uuid)
  identity=${identity//-/}
  echo "${identity:0:$1}"
}

# tell_identity DIRECTORY: to sync.sh, which has no volume: what is in the table anybody can overwrite who loads a dump of another set.
tell_identity() { cp "$1/identity" "$state/identity.new" && mv "$state/identity.new" "$state/identity"; }

# make_room_for_temporary_files DIRECTORY: on the volume, and never of a former server. Large ones, as of an ALTER TABLE, would fill the node's disk.
make_room_for_temporary_files() { rm -rf "$1" && mkdir "$1"; }

# by_entry_point IDENTITY SERVER OPTION...: make a new database by the official entry point, /docker-entrypoint-initdb.d included. The server that
# it would then become is our only-init.sh, under the server's name.
by_entry_point() {
  mkdir -p "$state/only-init" && ln -sf "$scripts/only-init.sh" "$state/only-init/$2" || return 1
  identity=$1 PATH=$state/only-init:$PATH docker-entrypoint.sh "${@:2}" --server-id=1 --socket="$socket"
}

# start_unseen USER SERVER OPTION...: a server that nobody can reach from elsewhere, as `server`; returns when it answers USER. It may have its log
# to apply first: that takes as long as it takes, and it is not ended for it.
start_unseen() {
  local begin
  clock
  begin=$now
  mkdir -p "${unseen%/*}" || return 1
  "${@:2}" --skip-networking --socket="$unseen" --pid-file="$state/copy/server.pid" >"$state/copy/server.log" 2>&1 &
  server=$!
  until limit=10 local_query "SELECT 1" "$unseen" "$1" >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || { why_it_ended; return 1; }
    clock
    if ((now - begin >= 5)); then say "waiting for the server beside the copy to start: it may have its log to apply first"; fi
    pause 0.1
  done
}
stop_unseen() {
  kill "$server" 2>/dev/null
  wait "$server"
}
why_it_ended() { grep -F '[ERROR]' "$state/copy/server.log" >&2 || tail -n 5 "$state/copy/server.log" >&2; }
