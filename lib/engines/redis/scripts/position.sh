# shellcheck shell=bash
# Where a server's data stands in the primary's history: read from INFO, and from two functions in the data itself.
# Needs pod.sh.
#
# stateful_position answers `IDENTITY ERA MARK BRANCH RUN`. The primary's sidecar replaces it once a second while data
# changes:
#
#   IDENTITY  made with the data set, and never changed
#   ERA       how often the data has got a primary: each start of ordinal 0 is one
#   MARK      counted up while data changes, about once a second, through all eras
#   BRANCH    the mark at which this era began
#   RUN       the run of the server that this era is
#
# A sixth word, `strayed`, has what took writes that were not the primary's, as somebody changed a replica by hand
# (guard.sh).
#
# stateful_history answers the former eras, the last first: `RUN MARK` each, the mark being that at which the era ended.
# So what a replica has is compared with what a primary or another replica has, also where one was restarted and knows
# no offset any more.
#
# Whatever a server says is matched against a pattern here, before it meets arithmetic or a file: it may be anybody's.
number='(0|[1-9][0-9]{0,14})' # fits arithmetic, also after one is added to another
run_pattern='[0-9a-f]{40}'
position_pattern="^[0-9A-Za-z-]{1,64}( $number){3} $run_pattern( strayed)?\$"
history_pattern="^($run_pattern $number( $run_pattern $number)*)?\$"

# What is used of INFO, and what it must look like.
declare -A info_patterns=(
  [role]='(master|slave)' [master_link_status]='(up|down)' [master_host]='[0-9A-Za-z.:-]{1,253}'
  [rdb_last_bgsave_status]='[a-z]{1,20}'
  [run_id]=$run_pattern [master_replid]=$run_pattern [master_replid2]=$run_pattern [second_repl_offset]="-?$number"
)
for name in loading async_loading aof_enabled master_port master_sync_in_progress master_repl_offset slave_repl_offset \
  used_memory repl_backlog_active repl_backlog_size repl_backlog_first_byte_offset repl_backlog_histlen \
  rdb_bgsave_in_progress rdb_changes_since_last_save connected_clients connected_slaves maxclients; do
  info_patterns[$name]=$number
done
unset name

# read_info ROW...: lines of INFO, into the caller's array `info`.
read_info() {
  local row name pattern
  info=()
  for row in "$@"; do
    row=${row%$'\r'}
    name=${row%%:*}
    if [[ $row == [a-z]*:* && $name =~ ^[a-z0-9_]{1,64}$ ]]; then
      pattern=${info_patterns[$name]:-}
      if [[ -n $pattern && ${row#*:} =~ ^$pattern$ ]]; then info["$name"]=${row#*:}; fi
    fi
  done
}
# has_info NAME...: whether all of them were said, and as they must be.
has_info() {
  local name
  for name in "$@"; do [[ -n ${info[$name]:-} ]] || return 1; done
}
# has_replication: the same of all that is used of that section.
has_replication() {
  has_info role master_replid master_replid2 master_repl_offset second_repl_offset \
    repl_backlog_active repl_backlog_size repl_backlog_first_byte_offset repl_backlog_histlen || return 1
  [[ ${info[role]} == master ]] ||
    has_info master_host master_port master_link_status master_sync_in_progress slave_repl_offset
}
# info_of HOST SECTION...: the same of another pod.
info_of() {
  local rows host=$1
  shift
  rows=$(query "$host" INFO "$@") || {
    info=()
    return 1
  }
  mapfile -t rows <<<"$rows"
  read_info "${rows[@]}"
  ((${#info[@]} > 0)) || return 1
  [[ " $* " != *" replication "* ]] || has_replication
}

# position_of HOST: what its data says. Fails where it says none, or anything else.
position_of() {
  local said
  # With the status, which is 124 where nothing was answered in time.
  said=$(query "$1" FCALL_RO stateful_position 0) || return
  [[ $said =~ $position_pattern ]] && echo "$said"
}
# history_of HOST: none where the data was never marked by scripts that know it.
history_of() {
  local said
  if ! said=$(query "$1" FCALL_RO stateful_history 0); then
    grep -qs 'Function not found' "$last_error_file" || return 1
    said=
  fi
  [[ $said =~ $history_pattern ]] && echo "$said"
}

# stream_of_info: `REPLICATION-ID OFFSET` of the last primary that the server in `info` heard, up to where it has it. A
# replica that was made a primary keeps them; one that was restarted knows them no more, and says what no other server
# does.
stream_of_info() {
  if [[ ${info[role]} == slave ]]; then
    echo "${info[master_replid]} ${info[slave_repl_offset]}"
  elif [[ ${info[second_repl_offset]} != -1 ]]; then
    echo "${info[master_replid2]} $((info[second_repl_offset] - 1))"
  else
    echo "${info[master_replid]} ${info[master_repl_offset]}"
  fi
}

# has_log_from REPLICATION-ID OFFSET: whether the primary in `info` can go on from there, as it would itself decide.
has_log_from() {
  local next first=${info[repl_backlog_first_byte_offset]} length=${info[repl_backlog_histlen]}
  local second=${info[second_repl_offset]}
  [[ $1 =~ ^$run_pattern$ && $2 =~ ^$number$ ]] || return 1
  next=$(($2 + 1))
  [[ ${info[role]} == master && ${info[repl_backlog_active]} == 1 ]] || return 1
  [[ $1 == "${info[master_replid]}" ]] || { [[ $1 == "${info[master_replid2]}" ]] && ((next <= second)); } || return 1
  ((next >= first && next <= first + length))
}

# left_at RUN ERA POSITION HISTORY: prints the mark at which the data of POSITION and HISTORY left the era of RUN, which
# has the number ERA. 1: it was never in it. 2: that era is older than all that HISTORY knows; prints where that begins.
left_at() {
  local era mark first run known former
  read -r _ era mark first run _ <<<"$3"
  if [[ $1 == "$run" ]]; then
    echo "$mark"
    return 0
  fi
  read -ra former <<<"$4"
  for ((known = 0; known * 2 < ${#former[@]}; known++)); do
    first=${former[known * 2 + 1]}
    if [[ $1 == "${former[known * 2]}" ]]; then
      echo "$first"
      return 0
    fi
  done
  (($2 < era - known)) || return 1
  echo "$first"
  return 2
}

# is_ancestor_of POSITION OTHER-POSITION OTHER-HISTORY [settled]: whether all that led to POSITION led to the other too:
# whether a replica may become a copy of the other without losing what only it has. A primary whose node died may have
# lost what it had not flushed ($unflushed marks; none where each write is flushed before it is acknowledged). More is
# another history. Where the other is `settled`, and not a primary that goes on, an era older than all that its history
# knows, and more of its own run than it has, tell against it.
is_ancestor_of() {
  local era mark run left status=0
  read -r _ era mark _ run _ <<<"$1"
  [[ -n $mark ]] || return 0 # not even one: it has what the primary had at its very beginning
  left=$(left_at "$run" "$era" "$2" "$3") || status=$?
  ((status != 1)) && { ((status == 0)) || [[ ${4:-} != settled ]]; } || return 1
  if [[ $run != "$(words 5 "$2")" ]]; then
    ((mark <= left + unflushed))
  else
    # In the primary's own run it cannot be ahead, whatever it heard since that was asked.
    [[ ${4:-} != settled ]] || ((mark <= left))
  fi
}
words() {
  local word
  read -ra word <<<"$2"
  echo "${word[$1 - 1]}"
}
