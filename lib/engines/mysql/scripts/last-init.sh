#!/usr/bin/env bash
# What the image's entry point takes for mysqladmin, with which it ends the server of the very first start: before that
# the superuser gets the Secret's password, of which the entry point knew nothing.
set -euo pipefail
"${STATEFUL_SCRIPTS:-/opt/stateful}/users.sh"
: >"${STATEFUL_STATE:-/run/stateful}/users-set"
exec /usr/bin/mysqladmin --no-defaults -u mysql -S /var/run/mysqld/mysqld.sock shutdown
