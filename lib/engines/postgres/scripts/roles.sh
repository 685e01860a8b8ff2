#!/usr/bin/env bash
# Users and database as the Secret and the props say; run in initdb (before the user's own init scripts) and again by
# sync.sh where a password no longer fits. Passwords come from files, go through the client's variables, and are kept
# out of the server's log and of what extensions keep of statements. Whatever is set for all roles or for a database,
# this goes through, and waits for no replica.
set -euo pipefail
# shellcheck source=settings.example.sh
. "${STATEFUL_CONFIG:-/etc/stateful}/settings.sh"
superuser_password=$(<"$credentials/superuser-password")
replication_password=$(<"$credentials/replication-password")
password=$(<"$credentials/password")
export superuser_password replication_password password user database replication_user
export PGOPTIONS='-c default_transaction_isolation=read\ committed -c default_transaction_read_only=off
 -c default_transaction_deferrable=off -c role=none
 -c search_path=pg_catalog -c statement_timeout=60s -c lock_timeout=0 -c transaction_timeout=0
 -c idle_in_transaction_session_timeout=0
 -c synchronous_commit=local -c client_min_messages=warning -c client_encoding=UTF8 -c quote_all_identifiers=off
 -c standard_conforming_strings=on
 -c default_tablespace= -c local_preload_libraries= -c session_preload_libraries= -c event_triggers=off
 -c password_encryption=scram-sha-256
 -c log_statement=none -c log_min_error_statement=panic -c log_min_duration_statement=-1 -c log_min_duration_sample=-1
 -c log_transaction_sample_rate=0
 -c track_activities=off'
PGOPTIONS=${PGOPTIONS//$'\n'/} timeout 120 "/usr/lib/postgresql/$PG_MAJOR/bin/psql" -Xqw -v ON_ERROR_STOP=1 \
  -h /var/run/postgresql -p "$port" -U postgres -d postgres <<'SQL'
\getenv superuser_password superuser_password
\getenv replication_password replication_password
\getenv replication_user replication_user
\getenv password password
\getenv user user
\getenv database database
SET pg_stat_statements.track_utility = off;
SET pgaudit.log = none;
ALTER ROLE postgres PASSWORD :'superuser_password' VALID UNTIL 'infinity';
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY[:'replication_user', :'user']) AS name
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE :"replication_user" LOGIN REPLICATION NOSUPERUSER NOCREATEROLE NOCREATEDB
  CONNECTION LIMIT -1 VALID UNTIL 'infinity' PASSWORD :'replication_password';
GRANT pg_monitor, pg_checkpoint, pg_use_reserved_connections TO :"replication_user";
GRANT CONNECT ON DATABASE postgres TO :"replication_user";
ALTER DATABASE postgres CONNECTION LIMIT -1;
-- What the replication user cannot set for its own sessions. Not session_preload_libraries: an empty list pg_dump
-- writes as no value at all.
ALTER ROLE :"replication_user" IN DATABASE postgres SET track_activities = on;
ALTER ROLE :"replication_user" IN DATABASE postgres SET event_triggers = off;
ALTER ROLE :"user" LOGIN PASSWORD :'password';
SELECT format('CREATE DATABASE %I', :'database')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
ALTER DATABASE :"database" OWNER TO :"user";
SQL
