# shellcheck shell=bash
# The SQL that sets up the users of MySQL.

# password_sql PASSWORD: as its hash. A statement with the password itself would be refused by whatever policy there is
# for passwords, where the Secret is right; and what is no statement with a password is in no log. The hash is SHA-crypt
# of ten thousand rounds, which the server computes, as caching_sha2_password does.
password_sql() {
  local salt digest
  salt=$(head -c 15 /dev/urandom | base64) && salt=${salt//[+=]/.} && [[ ${#salt} == 20 ]] || return 1
  digest=$({
    echo "$local_session_settings;"
    hash_sql "$1" "$salt"
  } | "${client[@]}" -N -B 2>/dev/null) || {
    echo "a password's hash could not be computed" >&2
    return 1
  }
  [[ $digest =~ ^[0-9A-F]{64}$ ]] || return 1
  # shellcheck disable=SC2016 # $A$ is of the format
  printf 'WITH caching_sha2_password AS 0x%s' "$(printf '$A$00A$%s%s' "$salt" "$(crypt_text "$digest")" | hexadecimal)"
}
hexadecimal() { od -An -v -tx1 | tr -d ' \n'; }

# hash_sql PASSWORD SALT: the rounds of SHA-crypt, by the names of its specification: A, B, P (of the password) and S
# (of the salt).
hash_sql() {
  local LC_ALL=C
  local bits="" rest length=${#1}
  for ((rest = length; rest > 0; rest >>= 1)); do if ((rest & 1)); then bits+=', @b'; else bits+=', @password'; fi; done
  cat <<SQL
UPDATE performance_schema.threads SET instrumented = 'NO' WHERE processlist_id = CONNECTION_ID();
SET @password = 0x$(printf '%s' "$1" | hexadecimal), @salt = CAST('$2' AS BINARY);
SET @b = UNHEX(SHA2(CONCAT(@password, @salt, @password), 256));
SET @a = UNHEX(SHA2(CONCAT(@password, @salt, LEFT(REPEAT(@b, $((length / 32 + 1))), $length)$bits), 256));
SET @p = LEFT(REPEAT(UNHEX(SHA2(REPEAT(@password, $length), 256)), $((length / 32 + 1))), $length);
SET @s = LEFT(UNHEX(SHA2(REPEAT(@salt, 16 + ASCII(@a)), 256)), ${#2});
WITH RECURSIVE rounds (i, a) AS (SELECT 0, @a UNION ALL
  SELECT i + 1, UNHEX(SHA2(CONCAT(IF(i & 1, @p, a), IF(i % 3, @s, ''), IF(i % 7, @p, ''), IF(i & 1, a, @p)), 256))
    FROM rounds WHERE i < 10000)
  SELECT HEX(a) FROM rounds WHERE i = 10000;
SQL
}
# crypt_text HEX: the 32 bytes in the order and the alphabet of SHA-crypt, as 43 characters.
crypt_text() {
  local alphabet=./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz group bits count
  for group in 0:10:20 21:1:11 12:22:2 3:13:23 24:4:14 15:25:5 6:16:26 27:7:17 18:28:8 9:19:29 32:31:30; do
    bits=0 count=4
    while read -rd : byte; do
      if ((byte == 32)); then count=3; else bits=$((bits << 8 | 16#${1:byte*2:2})); fi
    done <<<"$group:"
    for (( ; count > 0; count--, bits >>= 6)); do printf '%s' "${alphabet:bits&63:1}"; done
  done
}

# users_sql IDENTITY: with what password_sql made of each password. While the database is being made, root has the
# password that the image's entry point knows; it gets its own afterwards. CONNECTION_ADMIN: a connection beyond
# max_connections, and no init_connect or offline_mode.
users_sql() {
  local schema=$database
  [[ $("${client[@]}" -N -B -e 'SELECT @@partial_revokes') == 1 ]] || schema=${database//_/\\_} # there it is no pattern
  cat <<SQL
$local_session_settings;
CREATE USER IF NOT EXISTS mysql@localhost IDENTIFIED WITH auth_socket;
GRANT ALL ON *.* TO mysql@localhost WITH GRANT OPTION;
CREATE DATABASE IF NOT EXISTS cdk8s_stateful;
CREATE TABLE IF NOT EXISTS cdk8s_stateful.identity (id CHAR(20) PRIMARY KEY, era INT NOT NULL DEFAULT 0);
DELETE FROM cdk8s_stateful.identity WHERE id <> '$1';
INSERT IGNORE INTO cdk8s_stateful.identity (id) VALUES ('$1');
CREATE USER IF NOT EXISTS '$replication_user'@'%' IDENTIFIED $replication, 'follower-$1'@'%' IDENTIFIED $follower,
  '$user'@'%' IDENTIFIED $password;
ALTER USER '$replication_user'@'%' IDENTIFIED $replication, 'follower-$1'@'%' IDENTIFIED $follower
  REQUIRE SSL WITH MAX_USER_CONNECTIONS 65535 PASSWORD EXPIRE NEVER ACCOUNT UNLOCK;
ALTER USER '$user'@'%' IDENTIFIED $password ACCOUNT UNLOCK;
GRANT PROCESS, REPLICATION CLIENT, REPLICATION SLAVE, CONNECTION_ADMIN ON *.* TO '$replication_user'@'%';
GRANT SELECT ON cdk8s_stateful.* TO '$replication_user'@'%';
GRANT SELECT ON performance_schema.* TO '$replication_user'@'%';
GRANT REPLICATION SLAVE, BACKUP_ADMIN, CONNECTION_ADMIN ON *.* TO 'follower-$1'@'%';
CREATE DATABASE IF NOT EXISTS \`$database\`;
GRANT ALL ON \`$schema\`.* TO '$user'@'%';
SQL
  [[ $initial == initial ]] || cat <<SQL
CREATE USER IF NOT EXISTS root@localhost IDENTIFIED $superuser, root@'%' IDENTIFIED $superuser;
ALTER USER root@localhost IDENTIFIED $superuser, root@'%' IDENTIFIED $superuser ACCOUNT UNLOCK;
GRANT ALL ON *.* TO root@localhost WITH GRANT OPTION;
GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
SQL
}
