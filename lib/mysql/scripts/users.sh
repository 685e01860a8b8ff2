#!/usr/bin/env bash
# Users and passwords as the Secret says: run as the database is made (before the user's own init scripts), and again by sync.sh where a
# password no longer fits.
set -euo pipefail
# shellcheck source=settings.example.sh
. "${STATEFUL_CONFIG:-/etc/stateful}/settings.sh"
# shellcheck source=sql.sh
. "${STATEFUL_SCRIPTS:-/opt/stateful}/sql.sh"
if [[ ${1:-} == initial ]]; then
  client=(mysql -S /var/run/mysqld/mysqld.sock -u root)
  MYSQL_PWD=$(<"$credentials/superuser-password")
  export MYSQL_PWD
else
  client=(mysql -S /var/run/mysqld/mysqld.sock -u mysql)
  identity=$("${client[@]}" -N -B -e 'SELECT id FROM cdk8s_stateful.identity')
fi
superuser=$(quoted "$(<"$credentials/superuser-password")")
replication=$(quoted "$(<"$credentials/replication-password")")
follower=$(quoted "$(follower_password)")
password=$(quoted "$(<"$credentials/password")")
# Of its complaints only what the server says: the client may repeat the statement, with a password in it.
"${client[@]}" 2> >(grep '^ERROR' >&2) <<SQL
SET SESSION sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '');
CREATE USER IF NOT EXISTS mysql@localhost IDENTIFIED WITH auth_socket;
GRANT ALL ON *.* TO mysql@localhost WITH GRANT OPTION;
CREATE DATABASE IF NOT EXISTS cdk8s_stateful;
CREATE TABLE IF NOT EXISTS cdk8s_stateful.identity (id CHAR(20) PRIMARY KEY, era INT NOT NULL DEFAULT 0);
INSERT IGNORE INTO cdk8s_stateful.identity (id) VALUES ('$identity');
CREATE USER IF NOT EXISTS '$replication_user'@'%', 'follower-$identity'@'%', '$user'@'%';
ALTER USER '$replication_user'@'%' IDENTIFIED BY $replication, 'follower-$identity'@'%' IDENTIFIED BY $follower REQUIRE SSL;
ALTER USER '$user'@'%' IDENTIFIED BY $password;
GRANT PROCESS, REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO '$replication_user'@'%';
GRANT SELECT ON cdk8s_stateful.* TO '$replication_user'@'%';
GRANT SELECT ON performance_schema.* TO '$replication_user'@'%';
GRANT REPLICATION SLAVE, BACKUP_ADMIN ON *.* TO 'follower-$identity'@'%';
CREATE DATABASE IF NOT EXISTS \`$database\`;
GRANT ALL ON \`${database//_/\\_}\`.* TO '$user'@'%';
ALTER USER root@localhost IDENTIFIED BY $superuser;
ALTER USER root@'%' IDENTIFIED BY $superuser;
SQL
