# shellcheck shell=bash
# shellcheck disable=SC2034 # for family.sh, family-sync.sh and users.sh
# How MariaDB's client is called, and which password those have who follow.

socket=/run/mysqld/mysqld.sock
local_client=(mariadb --skip-ssl)
network_client=(mariadb --skip-ssl-verify-server-cert)

follower_password() { printf '%s' "$(<"$credentials/replication-password")"; }
