# shellcheck shell=bash
# The SQL that sets up the users of MariaDB.

# password_sql PASSWORD: as its hash, which is computed here: MariaDB writes such statements to its log as they are, for
# every replica and anyone who may read that. A statement with the password itself would also be refused by a policy for
# passwords, where the Secret is right.
password_sql() {
  local hash
  hash=$(printf '%s' "$1" | openssl dgst -sha1 -binary | openssl dgst -sha1 -r) &&
    hash=${hash%% *} &&
    [[ $hash =~ ^[0-9a-f]{40}$ ]] || return 1
  printf "BY PASSWORD '*%s'" "${hash^^}"
}

# users_sql IDENTITY: with what password_sql made of each password. No one but the user of the pod's own processes may
# write on a replica: not even root has READ ONLY ADMIN. PROCESS: whose session has a sign. CONNECTION ADMIN: a
# connection beyond max_connections, and no init_connect.
users_sql() {
  cat <<SQL
$local_session_settings;
SET @strict = @@global.strict_password_validation;
SET GLOBAL strict_password_validation = 0;
CREATE USER IF NOT EXISTS mysql@localhost IDENTIFIED VIA unix_socket;
ALTER USER mysql@localhost IDENTIFIED VIA unix_socket PASSWORD EXPIRE NEVER ACCOUNT UNLOCK;
GRANT ALL ON *.* TO mysql@localhost WITH GRANT OPTION;
CREATE DATABASE IF NOT EXISTS cdk8s_stateful;
CREATE TABLE IF NOT EXISTS cdk8s_stateful.identity (id CHAR(32) PRIMARY KEY);
INSERT IGNORE INTO cdk8s_stateful.identity VALUES ('$1');
CREATE OR REPLACE DEFINER = mysql@localhost SQL SECURITY DEFINER VIEW cdk8s_stateful.size AS
  SELECT CAST(SUM(data_length + index_length) AS UNSIGNED) AS bytes FROM information_schema.tables;
CREATE USER IF NOT EXISTS '$replication_user'@'%' IDENTIFIED $replication, 'follower-$1'@'%' IDENTIFIED $follower,
  '$user'@'%' IDENTIFIED $password;
ALTER USER '$replication_user'@'%' IDENTIFIED $replication, 'follower-$1'@'%' IDENTIFIED $follower
  PASSWORD EXPIRE NEVER ACCOUNT UNLOCK;
ALTER USER '$user'@'%' IDENTIFIED $password ACCOUNT UNLOCK;
GRANT PROCESS, SLAVE MONITOR, BINLOG MONITOR, REPLICATION MASTER ADMIN, CONNECTION ADMIN ON *.*
  TO '$replication_user'@'%';
GRANT SELECT ON cdk8s_stateful.* TO '$replication_user'@'%';
GRANT REPLICATION SLAVE, CONNECTION ADMIN ON *.* TO 'follower-$1'@'%';
CREATE DATABASE IF NOT EXISTS \`$database\`;
GRANT ALL ON \`${database//_/\\_}\`.* TO '$user'@'%';
CREATE USER IF NOT EXISTS root@localhost IDENTIFIED $superuser, root@'%' IDENTIFIED $superuser;
ALTER USER root@localhost IDENTIFIED $superuser, root@'%' IDENTIFIED $superuser ACCOUNT UNLOCK;
GRANT ALL ON *.* TO root@localhost WITH GRANT OPTION;
GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
REVOKE READ ONLY ADMIN ON *.* FROM root@localhost;
REVOKE READ ONLY ADMIN ON *.* FROM root@'%';
SET GLOBAL strict_password_validation = @strict;
SQL
}
