# shellcheck shell=bash
# users_sql IDENTITY: what is said to MariaDB of its users, with the passwords that users.sh has quoted. Nobody but the user of the pod's own
# processes may write on a replica: not even root has READ ONLY ADMIN.
users_sql() {
  cat <<SQL
SET SESSION sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '');
CREATE USER IF NOT EXISTS mysql@localhost IDENTIFIED VIA unix_socket;
GRANT ALL ON *.* TO mysql@localhost WITH GRANT OPTION;
CREATE DATABASE IF NOT EXISTS cdk8s_stateful;
CREATE TABLE IF NOT EXISTS cdk8s_stateful.identity (id CHAR(32) PRIMARY KEY);
INSERT IGNORE INTO cdk8s_stateful.identity VALUES ('$1');
CREATE OR REPLACE DEFINER = mysql@localhost SQL SECURITY DEFINER VIEW cdk8s_stateful.size AS
  SELECT CAST(SUM(data_length + index_length) AS UNSIGNED) AS bytes FROM information_schema.tables;
CREATE USER IF NOT EXISTS '$replication_user'@'%', 'follower-$1'@'%', '$user'@'%';
ALTER USER '$replication_user'@'%' IDENTIFIED BY $replication, 'follower-$1'@'%' IDENTIFIED BY $follower, '$user'@'%' IDENTIFIED BY $password;
GRANT SLAVE MONITOR, BINLOG MONITOR, REPLICATION MASTER ADMIN ON *.* TO '$replication_user'@'%';
GRANT SELECT ON cdk8s_stateful.* TO '$replication_user'@'%';
GRANT REPLICATION SLAVE ON *.* TO 'follower-$1'@'%';
CREATE DATABASE IF NOT EXISTS \`$database\`;
GRANT ALL ON \`${database//_/\\_}\`.* TO '$user'@'%';
ALTER USER root@localhost IDENTIFIED BY $superuser;
ALTER USER root@'%' IDENTIFIED BY $superuser;
REVOKE READ ONLY ADMIN ON *.* FROM root@localhost;
REVOKE READ ONLY ADMIN ON *.* FROM root@'%';
SQL
}
