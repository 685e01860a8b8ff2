#!/usr/bin/env bash
# Users and passwords as the Secret says: run as the database is made (before the user's own init scripts), and again by sync.sh where a
# password no longer fits. Nobody but the user of the pod's own processes may write on a replica: not even root has READ ONLY ADMIN.
set -euo pipefail
# shellcheck source=settings.example.sh
. "${STATEFUL_CONFIG:-/etc/stateful}/settings.sh"
quoted() {
  local text
  text=$(<"$credentials/$1")
  text=${text//\\/\\\\}
  printf "'%s'" "${text//\'/\'\'}"
}
if [[ ${1:-} == initial ]]; then
  client=(mariadb --skip-ssl -S /run/mysqld/mysqld.sock -u root)
  MYSQL_PWD=$(<"$credentials/superuser-password")
  export MYSQL_PWD
else
  client=(mariadb --skip-ssl -S /run/mysqld/mysqld.sock -u mysql)
  identity=$("${client[@]}" -N -B -e 'SELECT id FROM cdk8s_stateful.identity')
fi
superuser=$(quoted superuser-password) replication=$(quoted replication-password) password=$(quoted password)
# Of its complaints only what the server says: the client repeats the statement, with a password in it perhaps.
"${client[@]}" 2> >(grep '^ERROR' >&2) <<SQL
SET SESSION sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '');
CREATE USER IF NOT EXISTS mysql@localhost IDENTIFIED VIA unix_socket;
GRANT ALL ON *.* TO mysql@localhost WITH GRANT OPTION;
CREATE DATABASE IF NOT EXISTS cdk8s_stateful;
CREATE TABLE IF NOT EXISTS cdk8s_stateful.identity (id CHAR(32) PRIMARY KEY);
INSERT IGNORE INTO cdk8s_stateful.identity VALUES ('$identity');
CREATE OR REPLACE DEFINER = mysql@localhost SQL SECURITY DEFINER VIEW cdk8s_stateful.size AS
  SELECT CAST(SUM(data_length + index_length) AS UNSIGNED) AS bytes FROM information_schema.tables;
CREATE USER IF NOT EXISTS '$replication_user'@'%', 'follower-$identity'@'%', '$user'@'%';
ALTER USER '$replication_user'@'%' IDENTIFIED BY $replication, 'follower-$identity'@'%' IDENTIFIED BY $replication, '$user'@'%' IDENTIFIED BY $password;
GRANT SLAVE MONITOR, BINLOG MONITOR, REPLICATION MASTER ADMIN ON *.* TO '$replication_user'@'%';
GRANT SELECT ON cdk8s_stateful.* TO '$replication_user'@'%';
GRANT REPLICATION SLAVE ON *.* TO 'follower-$identity'@'%';
CREATE DATABASE IF NOT EXISTS \`$database\`;
GRANT ALL ON \`${database//_/\\_}\`.* TO '$user'@'%';
ALTER USER root@localhost IDENTIFIED BY $superuser;
ALTER USER root@'%' IDENTIFIED BY $superuser;
REVOKE READ ONLY ADMIN ON *.* FROM root@localhost;
REVOKE READ ONLY ADMIN ON *.* FROM root@'%';
SQL
