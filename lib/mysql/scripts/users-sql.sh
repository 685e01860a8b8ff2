# shellcheck shell=bash
# users_sql IDENTITY: what is said to MySQL of its users, with the passwords that users.sh has quoted.
users_sql() {
  cat <<SQL
SET SESSION sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '');
CREATE USER IF NOT EXISTS mysql@localhost IDENTIFIED WITH auth_socket;
GRANT ALL ON *.* TO mysql@localhost WITH GRANT OPTION;
CREATE DATABASE IF NOT EXISTS cdk8s_stateful;
CREATE TABLE IF NOT EXISTS cdk8s_stateful.identity (id CHAR(20) PRIMARY KEY, era INT NOT NULL DEFAULT 0);
INSERT IGNORE INTO cdk8s_stateful.identity (id) VALUES ('$1');
CREATE USER IF NOT EXISTS '$replication_user'@'%', 'follower-$1'@'%', '$user'@'%';
ALTER USER '$replication_user'@'%' IDENTIFIED BY $replication, 'follower-$1'@'%' IDENTIFIED BY $follower REQUIRE SSL;
ALTER USER '$user'@'%' IDENTIFIED BY $password;
GRANT PROCESS, REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO '$replication_user'@'%';
GRANT SELECT ON cdk8s_stateful.* TO '$replication_user'@'%';
GRANT SELECT ON performance_schema.* TO '$replication_user'@'%';
GRANT REPLICATION SLAVE, BACKUP_ADMIN ON *.* TO 'follower-$1'@'%';
CREATE DATABASE IF NOT EXISTS \`$database\`;
GRANT ALL ON \`${database//_/\\_}\`.* TO '$user'@'%';
ALTER USER root@localhost IDENTIFIED BY $superuser;
ALTER USER root@'%' IDENTIFIED BY $superuser;
SQL
}
