#!/usr/bin/env bash
# Users and passwords as the Secret says: run as the database is made (before the user's own init scripts), and again by sync.sh where a
# password no longer fits. What is said to the server is in users-sql.sh of each of the two.
set -euo pipefail
scripts=${STATEFUL_SCRIPTS:-/opt/stateful}
# shellcheck source=settings.example.sh
. "${STATEFUL_CONFIG:-/etc/stateful}/settings.sh"
# shellcheck source=client.sh
. "$scripts/client.sh"
. "$scripts/sql.sh"
# shellcheck source=users-sql.sh
. "$scripts/users-sql.sh"
client=("${local_client[@]}" -S "$socket")
if [[ ${1:-} == initial ]]; then
  client+=(-u root)
  MYSQL_PWD=$(<"$credentials/superuser-password")
  export MYSQL_PWD
else
  client+=(-u mysql)
  identity=$("${client[@]}" -N -B -e 'SELECT id FROM cdk8s_stateful.identity')
fi
# shellcheck disable=SC2034 # for users-sql.sh
superuser=$(quoted "$(<"$credentials/superuser-password")") replication=$(quoted "$(<"$credentials/replication-password")") \
  follower=$(quoted "$(follower_password)") password=$(quoted "$(<"$credentials/password")")
# Of its complaints only what the server says: the client may repeat the statement, with a password in it.
users_sql "$identity" | "${client[@]}" 2> >(grep '^ERROR' >&2)
