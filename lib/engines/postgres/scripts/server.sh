# shellcheck shell=bash
# How PostgreSQL's server is started, and in which role: what it must be told whatever a file says, whom it follows, and
# for whom its commits wait. For engine.sh, which run.sh takes it from.

# Whom this server follows, or whose copies a commit waits for: included in server.conf, and so reloaded.
role_conf=$state/role.conf

# What must hold whatever a file says: on the command line, where neither `parameters` nor ALTER SYSTEM reaches.
fixed_options=(
  -c fsync=on
  -c full_page_writes=on
  -c "port=$port"
  -c "listen_addresses=*"
  -c "unix_socket_directories=$socket"
  -c hba_file="$config/pg_hba.conf"
  -c hot_standby=on
  -c password_encryption=scram-sha-256
  -c logging_collector=off
  -c log_destination=stderr
)
[[ ${alter_system:-no} == yes ]] || fixed_options+=(-c allow_alter_system=off)

write_server_conf() {
  printf "include '%s'\ninclude_if_exists '%s'\n" "$config/postgresql.conf" "$role_conf" >"$state/server.conf"
}
# write_role TEXT: what the server reads next to its parameters, from the next start or reload on.
write_role() { printf '%s\n' "$1" >"$role_conf.new" && mv "$role_conf.new" "$role_conf"; }
# follow_settings CONNECTION SLOT: the lines by which a replica connects to a primary. In quotes the file reads quotes
# twice and backslashes as escapes.
follow_settings() {
  local text=${1//\\/\\\\}
  printf "primary_conninfo = '%s'\nprimary_slot_name = '%s'\n" "${text//\'/\'\'}" "$2"
}
# find_standby_names: sets `standby_names`, the line by which the primary's commits wait for so many of the replicas: by
# their names, as a copy that is being made takes log too, and is none yet. Set and pods may have been renamed. Starts
# no process.
# Globals: standby_names (set).
find_standby_names() {
  local n declared=1 names=
  read -r declared <"$config/replicas" || true
  core_is_number "$declared" || declared=1
  for ((n = 1; n < declared; n++)); do names+="${names:+, }\"$set_name-$n\""; done
  standby_names="synchronous_standby_names = ''"
  if [[ ${synchronous_replicas:-0} != 0 && -n $names ]]; then
    standby_names="synchronous_standby_names = 'ANY $synchronous_replicas ($names)'"
  fi
}
# drop_altered_settings DIRECTORY: what ALTER SYSTEM wrote is read last of all. Where it is not allowed nothing of it
# counts; where it is, nothing that decides who follows whom, or whether the server can be reached. A copy brings the
# file along.
drop_altered_settings() {
  local file=$1/postgresql.auto.conf names=${reserved_settings:-} kept taken
  [[ -f $file ]] || return 0
  if [[ ${alter_system:-no} == yes ]]; then
    kept=$(grep -viE "^[[:space:]]*($names)[[:space:]=]" "$file") || true
    taken=$(grep -iE "^[[:space:]]*($names)[[:space:]=]" "$file") || return 0
  else
    kept='' taken=$(grep -E '^[[:space:]]*[^#[:space:]]' "$file") || return 0
  fi
  log "ignoring what ALTER SYSTEM wrote, use the prop 'parameters': ${taken//$'\n'/; }"
  printf '%s\n' "$kept" >"$file.new" && sync "$file.new" && mv "$file.new" "$file"
}

# start_offline_server DIRECTORY OPTIONS: a server on the socket only, whose commits wait for no replica.
start_offline_server() {
  write_server_conf
  rm -f "$socket"/.s.PGSQL.*
  "$bin/pg_ctl" -D "$1" -w -t 86400 \
    -o "-c config_file=$state/server.conf $2 -c port=$port -c hba_file=$config/pg_hba.conf -c listen_addresses= -c synchronous_standby_names=" \
    start
}
stop_offline_server() { "$bin/pg_ctl" -D "$1" -m fast -w -t 3600 stop; }

# engine_run DIRECTORY: become the server, in the role of this ordinal. A replica follows no primary at first: sync.sh
# asks the primary, and then lets it. Before it can answer, as long as the log that it has does not tell which
# transactions are open, say, it is nudged to read role.conf by its restore_command, which is run as long as there is no
# more log.
engine_run() {
  local role=(-c primary_conninfo= -c primary_slot_name= -c restore_command=)
  drop_altered_settings "$1"
  write_server_conf
  rm -f "$role_conf" "$state/reload" "$socket"/.s.PGSQL.*
  if ((ordinal > 0)); then
    : >"$1/standby.signal"
    position_at_rest "$1" >"$state/at-rest" || true
    role=(
      -c "restore_command=test -e $state/reload && rm $state/reload && kill -HUP \$(head -n 1 postmaster.pid); false"
      -c default_transaction_read_only=on
    )
    keep_primary_limits "$1"
  elif [[ $read_only == yes ]] && can_be_read_only "$1"; then
    : >"$1/standby.signal"
    role+=(-c wal_retrieve_retry_interval=1h) # it looks for more log than there is, and says so each time
    keep_primary_limits "$1"
  else
    find_standby_names
    write_role "$standby_names"
  fi
  PGDATA=$1 exec docker-entrypoint.sh postgres \
    -c "config_file=$state/server.conf" -c "cluster_name=$HOSTNAME" "${fixed_options[@]}" "${role[@]}"
}
# position_at_rest DIRECTORY: that of data whose server does not run: at least as far as this is what it holds.
position_at_rest() {
  "$bin/pg_controldata" "$1" | {
    local name value identity='' timeline='' lsn='' history=- recovery_timeline=0 recovery_lsn=0/0
    while IFS=: read -r name value; do
      value=${value//[[:space:]]/}
      case $name in
        "Database system identifier") identity=$value ;;
        "Latest checkpoint location") lsn=$value ;;
        "Latest checkpoint's TimeLineID") timeline=$value ;;
        "Minimum recovery ending location") recovery_lsn=$value ;;
        "Min recovery ending loc's timeline") recovery_timeline=$value ;;
      esac
    done
    [[ $identity =~ ^[0-9]{1,20}$ && $timeline =~ ^[0-9]{1,10}$ && $recovery_timeline =~ ^[0-9]{1,10}$ ]] &&
      is_lsn "$lsn" && is_lsn "$recovery_lsn" || return 0
    if ((recovery_timeline >= timeline)) && reaches "$recovery_lsn" "$lsn"; then
      timeline=$recovery_timeline lsn=$recovery_lsn
    fi
    ((timeline == 1)) || history=$(history_of_text <"$1/pg_wal/$(printf %08X "$timeline").history") || return 0
    echo "$identity $timeline $lsn $history"
  }
}
# Read-only is a primary in recovery, with no primary to recover from: not even its superuser can write, and the log
# stands still, while reads go on. Recovery empties unlogged tables, and anyone who reads then does not see prepared
# transactions. After a crash these may be in the log only, if the configuration allows any.
can_be_read_only() {
  local control
  control=$("$bin/pg_controldata" "$1") || return 1
  if compgen -G "$1/base/*/*_init" >/dev/null || compgen -G "$1/pg_twophase/*" >/dev/null; then
    log "NOT READ-ONLY: there are unlogged tables or prepared transactions, which would be lost"
  elif [[ $control == *"cluster state:"*"in production"* && ! $control =~ max_prepared_xacts\ setting:\ +0 ]]; then
    log "NOT READ-ONLY: the server was not shut down cleanly, and there may be prepared transactions, which would be" \
      "lost. Delete the pod"
  else
    return 0
  fi
  return 1
}
# A replica with lower limits than its primary has does not start, or stands still. Where a limit was lowered, the
# replicas restart before the primary does, and keep the primary's limit until their next start. The control file tells
# it. Where it was raised, that is the former one: the server says what is configured, also where nothing is.
keep_primary_limits() {
  local name value configured
  while read -r name value; do
    configured=$("$bin/postgres" -C "$name" -D "$1" -c "config_file=$state/server.conf" </dev/null) || configured=
    if ! core_is_number "$configured" || ((10#$value > configured)); then role+=(-c "$name=$value"); fi
  done < <("$bin/pg_controldata" "$1" | sed -nE '
    s/max_prepared_xacts/max_prepared_transactions/; s/max_locks_per_xact/max_locks_per_transaction/
    s/^(max_[a-z_]+) setting: *([0-9]{1,9})$/\1 \2/p')
}
