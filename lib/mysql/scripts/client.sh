# shellcheck shell=bash
# shellcheck disable=SC2034 # for family.sh, family-sync.sh and users.sh
# How MySQL's client is called, and which password those have who copy and follow.

socket=/var/run/mysqld/mysqld.sock
local_client=(mysql)
network_client=(mysql)

# follower_password: derived, as MySQL takes no more than 32 characters from a replica, and the Secret may have more.
follower_password() {
  local hash
  hash=$(printf 'follower:%s' "$(<"$credentials/replication-password")" | sha256sum) && printf '%s' "${hash:0:32}"
}
