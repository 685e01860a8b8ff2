# shellcheck shell=bash
# The application's user of MariaDB, for a minute: all that it can think of against the set. CLIENT (a command), SET and
# PRIMARY (names), APP_PASSWORD.
until=$((SECONDS + 60))
export MYSQL_PWD=$APP_PASSWORD
# sql SECONDS HOST: what it reads, one statement after the other, whatever comes of each.
sql() { timeout "$1" "${CLIENT[@]}" --force -N -B --connect-timeout=2 -h "$2" -u app -D app; }

# Signs: names that were ours, or could be.
signs() {
  while ((SECONDS < until)); do
    {
      for n in 1 2 3 9 999 99999999999; do echo "SELECT GET_LOCK('leaving-$n', 0);"; done
      echo "SELECT GET_LOCK('stateful-ready', 0);
        SELECT GET_LOCK(CONCAT('leaving-9-', id), 0) FROM cdk8s_stateful.identity; DO SLEEP(8);"
    } | sql 10 "$PRIMARY"
  done
}
# Connections, as many as there are, to the database and to the port of copies.
crowd() {
  local n
  while ((SECONDS < until)); do
    for ((n = 0; n < 60; n++)); do echo 'DO SLEEP(8)' | sql 9 "$PRIMARY" & done
    for ((n = 0; n < 20; n++)); do hold "$SET-$((n % 3)).$SET" $((n % 2)) & done
    wait
  done
}
# hold HOST NOISY: a connection to the port of copies, silent or with nonsense.
hold() {
  exec 3<>"/dev/tcp/$1/4444" || return 1
  if (($2)); then head -c 100000 /dev/urandom >&3; fi
  sleep 8
}
# Rights, and what is not the application's.
rights() {
  local statement
  while ((SECONDS < until)); do
    while IFS= read -r statement; do echo "$statement" | sql 5 "$PRIMARY"; done <<SQL
GRANT ALL ON *.* TO app@'%';
GRANT READ ONLY ADMIN ON *.* TO app@'%';
CREATE USER 'follower-x'@'%' IDENTIFIED BY 'x';
ALTER USER replicator@'%' IDENTIFIED BY 'x';
SET PASSWORD FOR root@'%' = PASSWORD('x');
UPDATE mysql.global_priv SET Priv = '{}';
DROP DATABASE cdk8s_stateful;
UPDATE cdk8s_stateful.identity SET id = 'x';
INSERT INTO cdk8s_stateful.recoveries VALUES (1, 'x', NOW());
SHOW GRANTS FOR replicator@'%'; SHOW CREATE USER root@'%';
SHOW BINLOG EVENTS; SHOW BINARY LOGS; SHOW SLAVE HOSTS; SHOW SLAVE STATUS;
SET GLOBAL read_only = 1;
SET GLOBAL gtid_strict_mode = 0; SET GLOBAL max_connections = 10;
SET SESSION sql_log_bin = 0; CREATE TABLE app.attack_unlogged (id INT);
SET SESSION gtid_domain_id = 7; SET SESSION server_id = 3; SET SESSION gtid_seq_no = 999999999;
STOP SLAVE; RESET MASTER; PURGE BINARY LOGS BEFORE NOW();
CHANGE MASTER TO MASTER_HOST = 'x'; SHUTDOWN; FLUSH TABLES WITH READ LOCK; FLUSH PRIVILEGES; BACKUP STAGE START;
SELECT LOAD_FILE('/run/secrets/stateful/superuser-password'), LOAD_FILE('/run/stateful/certificates/stretched');
SELECT 1 INTO OUTFILE '/run/stateful/pwned';
LOAD DATA INFILE '/run/secrets/stateful/superuser-password' INTO TABLE app.attack;
INSTALL SONAME 'locales'; CREATE FUNCTION x RETURNS STRING SONAME 'x.so';
CREATE DEFINER = mysql@localhost PROCEDURE app.attack_definer() SQL SECURITY DEFINER \
  UPDATE cdk8s_stateful.identity SET id = 'x';
CREATE DEFINER = root@localhost EVENT app.attack_event ON SCHEDULE EVERY 1 SECOND DO SHUTDOWN;
CREATE EVENT IF NOT EXISTS app.attack_own ON SCHEDULE EVERY 1 SECOND DO UPDATE cdk8s_stateful.identity SET id = 'x';
CREATE OR REPLACE VIEW app.identity AS SELECT 'x' AS id; \
  CREATE OR REPLACE VIEW app.attack_view AS SELECT * FROM mysql.global_priv;
SELECT CONCAT('KILL ', id) FROM information_schema.processlist; \
  KILL 1; KILL 2; KILL 3; KILL 4; KILL 5; KILL 6; KILL 7; KILL 8; KILL 9; KILL 10;
SET SESSION server_id = 2; SET SESSION binlog_format = STATEMENT; \
  CREATE TABLE IF NOT EXISTS app.attack (t LONGTEXT); INSERT INTO app.attack VALUES (UUID());
XA START 'attack'; INSERT INTO app.attack VALUES ('xa'); XA END 'attack'; XA PREPARE 'attack'; XA ROLLBACK 'attack';
LOCK TABLES app.attack WRITE; DO SLEEP(2); UNLOCK TABLES;
INSERT INTO app.attack VALUES (REPEAT('x', 10000000)); TRUNCATE app.attack;
DROP EVENT IF EXISTS app.attack_own; DROP VIEW IF EXISTS app.identity, app.attack_view;
SQL
  done
}
# The replicas, and users that are not the application's.
others() {
  local n user
  while ((SECONDS < until)); do
    for n in 1 2; do
      echo "CREATE TABLE app.attack_replica (id INT); SET GLOBAL read_only = 0; STOP SLAVE;
        SELECT GET_LOCK('stateful-ready', 0); DO SLEEP(2)" | sql 5 "$SET-$n.$SET"
    done
    for user in root replicator mysql healthcheck follower-x; do
      for n in '' x app-3 secret; do MYSQL_PWD=$n timeout 3 "${CLIENT[@]}" -h "$PRIMARY" -u "$user" -e 'SELECT 1'; done
    done
    sleep 0.2
  done
}
signs >/dev/null 2>&1 &
crowd >/dev/null 2>&1 &
rights >/dev/null 2>&1 &
others >/dev/null 2>&1 &
wait
echo 'DROP TABLE IF EXISTS app.attack, app.attack_unlogged; DROP EVENT IF EXISTS app.attack_own;
  DROP VIEW IF EXISTS app.identity, app.attack_view; SHOW TABLES' | sql 10 "$PRIMARY"
exit 0
