# shellcheck shell=bash
# shellcheck disable=SC2034 # for mysql-common.sh, mysql-common-sync.sh and users.sh
# How MariaDB's client is called, and which password those have who follow.

. "$scripts/password-keys.sh"

socket=/run/mysqld/mysqld.sock

local_client=(mariadb --no-defaults --skip-ssl)
# The server made its certificate itself: that it is the right one it proves by the password, which it must know.
network_client=(mariadb --no-defaults --ssl-verify-server-cert)

# What a session of ours relies on, whatever the server's settings are. As one statement, which the client says first.
session_settings="SET SESSION sql_mode = '', old_mode = '', autocommit = 1, completion_type = 0,
  transaction_isolation = 'REPEATABLE-READ', transaction_read_only = 0,
  character_set_client = utf8mb4, character_set_connection = utf8mb4, character_set_results = utf8mb4,
  sql_auto_is_null = 0, sql_safe_updates = 0, sql_big_selects = 1, sql_select_limit = DEFAULT,
  group_concat_max_len = 1048576, max_recursive_iterations = 20000, max_statement_time = 0, lock_wait_timeout = 60,
  wait_timeout = 86400, time_zone = '+00:00'"
# And what only those may set who may do everything.
local_session_settings="SET SESSION default_storage_engine = InnoDB, enforce_storage_engine = NULL, sql_log_off = 1, slow_query_log = 0"

follower_secret_length=64 # MariaDB takes no more than 96 from a replica
