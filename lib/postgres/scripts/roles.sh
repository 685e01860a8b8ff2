#!/usr/bin/env bash
# Users and database as the Secret and the props say; run in initdb (before the user's own init scripts) and again by sync.sh where a
# password no longer fits. Passwords come from files, go through the client's variables, and are kept out of the server's log.
set -euo pipefail
# shellcheck source=settings.example.sh
. "${STATEFUL_CONFIG:-/etc/stateful}/settings.sh"
superuser_password=$(<"$credentials/superuser-password")
replication_password=$(<"$credentials/replication-password")
password=$(<"$credentials/password")
export superuser_password replication_password password user database replication_user
"/usr/lib/postgresql/$PG_MAJOR/bin/psql" -Xqw -v ON_ERROR_STOP=1 -h /var/run/postgresql -p "$port" -U postgres -d postgres <<'SQL'
\getenv superuser_password superuser_password
\getenv replication_password replication_password
\getenv replication_user replication_user
\getenv password password
\getenv user user
\getenv database database
SET client_min_messages = warning;
SET log_statement = none;
SET log_min_error_statement = panic;
SET log_min_duration_statement = -1;
SET synchronous_commit = local;
ALTER ROLE postgres PASSWORD :'superuser_password';
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY[:'replication_user', :'user']) AS name
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE :"replication_user" LOGIN REPLICATION PASSWORD :'replication_password';
GRANT pg_monitor, pg_checkpoint TO :"replication_user";
ALTER ROLE :"user" LOGIN PASSWORD :'password';
SELECT format('CREATE DATABASE %I', :'database') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
ALTER DATABASE :"database" OWNER TO :"user";
SQL
