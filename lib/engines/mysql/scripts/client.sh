# shellcheck shell=bash
# shellcheck disable=SC2034 # for mysql-common.sh, mysql-common-sync.sh and users.sh
# How MySQL's client is called, and which password those have who copy and follow.

. "$scripts/password-keys.sh"
. "$scripts/certificates.sh"

socket=/var/run/mysqld/mysqld.sock
# shellcheck disable=SC2054 # the commas are one word's
local_client=(mysql --no-defaults --compression-algorithms=uncompressed,zlib,zstd)
# shellcheck disable=SC2054
# Anyone who has no certificate of the replication password's is told no password.
network_client=(
  mysql
  --no-defaults
  --ssl-mode=VERIFY_CA
  --ssl-ca="$certificates/ca.pem"
  --compression-algorithms=uncompressed,zlib,zstd
)

# What a session of ours relies on, whatever the server's settings are. As one statement, which the client says first.
session_settings="SET SESSION autocommit = 1, sql_mode = '',
  transaction_isolation = 'REPEATABLE-READ', transaction_read_only = OFF, max_execution_time = 0, time_zone = '+00:00',
  character_set_client = utf8mb4, character_set_connection = utf8mb4, character_set_results = utf8mb4,
  sql_select_limit = 18446744073709551615, sql_big_selects = ON, sql_safe_updates = OFF, completion_type = NO_CHAIN,
  group_concat_max_len = 1048576, cte_max_recursion_depth = 20000, wait_timeout = 86400, lock_wait_timeout = 60"
# And what only those may set who may do everything.
local_session_settings="SET SESSION sql_require_primary_key = OFF, default_storage_engine = InnoDB, sql_log_off = ON, long_query_time = 86400"

follower_secret_length=32 # MySQL takes no more from a replica
