# shellcheck shell=bash
# How pods of a set ask each other's PostgreSQL, and how they compare what they hear. An answer comes from outside: it
# is matched against a pattern here, where it enters, before it meets arithmetic, SQL or a path. Needs pod.sh.

bin=/usr/lib/postgresql/$PG_MAJOR/bin # the psql on PATH is a Perl wrapper
socket=/var/run/postgresql
slot=replica_$ordinal
last_error_file=$state/$container-last-error # what psql said when last it asked who another pod's database is
export PGPASSFILE=$state/pgpass PGCONNECT_TIMEOUT=3

# What our own sessions rely on, whatever the parameters, ALTER ROLE (ALL) or ALTER DATABASE say: as the text of an
# `options`.
session_settings='-c default_transaction_isolation=read\ committed -c default_transaction_read_only=off
-c default_transaction_deferrable=off -c role=none
-c search_path=pg_catalog -c lock_timeout=0 -c transaction_timeout=0 -c idle_session_timeout=0
-c idle_in_transaction_session_timeout=0
-c synchronous_commit=local -c client_min_messages=warning -c quote_all_identifiers=off -c transform_null_equals=off
-c standard_conforming_strings=on -c default_tablespace= -c local_preload_libraries= -c exit_on_error=off'
session_settings=${session_settings//$'\n'/ }
# What the superuser alone may set: a trigger or a library of somebody's must not keep us out, and nothing of ours fills
# the log.
superuser_settings="$session_settings -c session_preload_libraries= -c event_triggers=off -c track_activities=on
-c log_statement=none -c log_duration=off
-c log_min_duration_statement=-1 -c log_min_duration_sample=-1 -c log_transaction_sample_rate=0"
superuser_settings=${superuser_settings//$'\n'/ }

# connection HOST [NAME [SECONDS]]: as the replication user, whose questions have so many seconds each. The server must
# prove that it knows the password too: by another method it is not given. A dead peer is noticed in about 15
# seconds, also in the middle of a copy.
connection() {
  printf "host=%s port=%s user=%s dbname=postgres application_name=%s require_auth=scram-sha-256 %s options='%s -c statement_timeout=%s'" \
    "$1" "$port" "$replication_user" "${2:-stateful-$HOSTNAME}" \
    "keepalives_idle=5 keepalives_interval=5 keepalives_count=2 tcp_user_timeout=15000" \
    "${session_settings//\\/\\\\}" "$((${3:-5} * 1000))"
}
# local_connection [SECONDS]: as the superuser, at this pod's own server.
local_connection() {
  printf "host=%s port=%s user=postgres dbname=postgres application_name=stateful options='%s -c statement_timeout=%s'" \
    "$socket" "$port" "${superuser_settings//\\/\\\\}" "$((${1:-5} * 1000))"
}
# ask_by CONNECTION SQL SECONDS: a server that hangs has a little longer than that.
ask_by() { timeout -k 1 "$(($3 + 4))" "$bin/psql" -XAtqw -v ON_ERROR_STOP=1 -d "$1" -c "$2"; }
# ask_sql HOST SQL [SECONDS]
ask_sql() { ask_by "$(connection "$1" '' "${3:-5}")" "$2" "${3:-5}" 2>/dev/null; }
local_sql() { ask_by "$(local_connection "${2:-5}")" "$1" "${2:-5}"; }

is_lsn() { [[ $1 =~ ^[0-9A-F]{1,8}/[0-9A-F]{1,8}$ ]]; }
is_address() { [[ $1 =~ ^[0-9a-fA-F:.]{2,45}$ ]]; }
# reaches LSN LSN: whether the first is no less than the second. What is no LSN reaches nothing.
reaches() { is_lsn "$1" && is_lsn "$2" && (((16#${1%/*} << 32) + 16#${1#*/} >= (16#${2%/*} << 32) + 16#${2#*/})); }

# address_of HOST: where its name leads.
address_of() {
  local address
  address=$(core_addresses_of "$1") && address=${address%%$'\n'*}
  is_address "$address" && echo "$address"
}

# identify HOST: `SYSTEM-IDENTIFIER|TIMELINE|LSN|` by the replication protocol.
identify() {
  check_identified "$(ask_by "$(connection "$1") replication=database" IDENTIFY_SYSTEM 5 2>"$last_error_file")"
}
check_identified() {
  [[ $1 =~ ^[0-9]{1,20}\|[0-9]{1,10}\|[0-9A-F]{1,8}/[0-9A-F]{1,8}\| ]] && echo "$1"
}

# A position is `IDENTITY TIMELINE LSN HISTORY`. The history is where each timeline before ended,
# `1@0/3000000,2@0/5000060`; `-` on the first. Two timelines of one number are the same only if they have the same
# history.
# history_of_text: of what TIMELINE_HISTORY says, or the file of a timeline.
history_of_text() {
  local history
  history=$(awk -F '\t' '$1 ~ /^[0-9]+$/ && $2 ~ /^[0-9A-F]+\/[0-9A-F]+$/ { printf "%s%s@%s", n++ ? "," : "", $1, $2 }')
  [[ $history =~ ^([0-9]{1,10}@[0-9A-F]{1,8}/[0-9A-F]{1,8},?)+$ ]] && echo "$history"
}
# history_at CONNECTION TIMELINE
history_at() {
  local text
  if [[ $2 == 1 ]]; then
    echo -
  else
    text=$(ask_by "$1 replication=database" "TIMELINE_HISTORY $2" 5 2>/dev/null) && history_of_text <<<"${text#*|}"
  fi
}
# position_at CONNECTION ROW [LSN]: of a server that IDENTIFY_SYSTEM said ROW of.
position_at() {
  local identity timeline lsn history
  IFS='|' read -r identity timeline lsn _ <<<"$2"
  lsn=${3-$lsn}
  is_lsn "$lsn" && history=$(history_at "$1" "$timeline") && echo "$identity $timeline $lsn $history"
}

# is_ancestor_of POSITION POSITION: whether the first is a point in the history that leads to the second.
is_ancestor_of() {
  local identity timeline lsn history other_identity other_timeline other_lsn other_history
  read -r identity timeline lsn history <<<"$1"
  read -r other_identity other_timeline other_lsn other_history <<<"$2"
  [[ -n $identity && $identity == "$other_identity" ]] || return 1
  [[ $history != - ]] && timeline=$history,$timeline
  [[ $other_history != - ]] && other_timeline=$other_history,$other_timeline
  other_history=$other_timeline@$other_lsn
  [[ $other_history == "$timeline@"* ]] || return 1
  other_lsn=${other_history#"$timeline@"}
  reaches "${other_lsn%%,*}" "$lsn"
}
