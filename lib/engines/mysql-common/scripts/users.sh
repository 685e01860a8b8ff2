#!/usr/bin/env bash
# Users and passwords as the Secret says: run as the database is made (before the user's own init scripts), and again by
# sync.sh where a password no longer fits. What is said to the server is in users-sql.sh of each of the two.
set -euo pipefail
scripts=${STATEFUL_SCRIPTS:-/opt/stateful}
state=${STATEFUL_STATE:-/run/stateful}
# shellcheck source=settings.example.sh
. "${STATEFUL_CONFIG:-/etc/stateful}/settings.sh"
# shellcheck source=client.sh
. "$scripts/client.sh"
. "$scripts/sql.sh"
# shellcheck disable=SC2317 # users-sql.sh may have a better way
# password_sql PASSWORD: as it is written in a statement.
password_sql() { quoted "$1"; }
# shellcheck source=users-sql.sh
. "$scripts/users-sql.sh"
client=("${local_client[@]}" -S "${STATEFUL_SOCKET:-$socket}" --init-command="${session_settings:-DO 0}")
# shellcheck disable=SC2034 # for users-sql.sh
initial=${1:-}
if [[ $initial == initial ]]; then
  client+=(-u root)
  MYSQL_PWD=$(cat "$state/initial-password" 2>/dev/null || cat "$credentials/superuser-password")
  export MYSQL_PWD
else
  client+=(-u mysql)
  # The file is right (mysql-common-sync.sh), where the data has been served since.
  identity=$(cat "$state/identity" 2>/dev/null || "${client[@]}" -N -B -e 'SELECT id FROM cdk8s_stateful.identity')
fi
[[ $identity =~ ^[0-9a-f]{20,32}$ ]]
superuser=$(password_sql "$(<"$credentials/superuser-password")")
replication=$(password_sql "$(<"$credentials/replication-password")")
follower=$(password_sql "$(follower_password)")
password=$(password_sql "$(<"$credentials/password")")
# Of its complaints only what the server says, and that without its words: they may repeat the statement, with a
# password in it.
users_sql "$identity" | "${client[@]}" 2> >(sed -n 's/^\(ERROR [0-9]* ([0-9A-Z]*) at line [0-9]*\).*/\1: users or passwords were refused/p' >&2)
