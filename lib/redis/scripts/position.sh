# shellcheck shell=bash
# Where a server's data stands in the primary's history: read from INFO, and from a function in the data itself. Needs common.sh.
#
# stateful_position answers `IDENTITY ERA MARK BRANCH RUN`. The primary's sidecar replaces it once a second while data changes:
#
#   IDENTITY  made with the data set, and never changed
#   ERA       how often the data has got a primary: each start of ordinal 0 is one
#   MARK      counted up while data changes, about once a second, through all eras
#   BRANCH    the mark at which this era began
#   RUN       the run of the server that this era is
#
# So what a replica has is compared with what a primary has, also where one was restarted and knows no offset any more.

# read_info ROW...: lines of INFO, into the caller's array `info`.
read_info() {
  local row
  info=()
  for row in "$@"; do
    row=${row%$'\r'}
    if [[ $row == [a-z]*:* ]]; then info["${row%%:*}"]=${row#*:}; fi
  done
}
# info_of HOST SECTION...: the same of another pod.
info_of() {
  local rows host=$1
  shift
  mapfile -t rows < <(query "$host" INFO "$@")
  read_info "${rows[@]}"
  ((${#info[@]} > 0))
}

# has_log_from REPLICATION-ID OFFSET: whether the primary in `info` can go on from there, as it would itself decide.
has_log_from() {
  local next=$(($2 + 1)) first=${info[repl_backlog_first_byte_offset]} length=${info[repl_backlog_histlen]} second=${info[second_repl_offset]}
  [[ ${info[role]} == master && ${info[repl_backlog_active]} == 1 ]] || return 1
  [[ $1 == "${info[master_replid]}" ]] || { [[ $1 == "${info[master_replid2]}" ]] && ((next <= second)); } || return 1
  ((next >= first && next <= first + length))
}

# A primary whose node died may have lost what it had not flushed: a second of writes (appendfsync everysec), and of marks. More is
# another history.
unflushed=5

# in_the_past_of OWN-POSITION PRIMARY-POSITION: whether a replica may become a copy of the primary without losing what only it has.
in_the_past_of() {
  local mark run branch primary_run
  read -r _ _ mark _ run <<<"$1"
  read -r _ _ _ branch primary_run <<<"$2"
  [[ -n $mark ]] || return 0 # not even one: it has what the primary had at its very beginning
  [[ $run == "$primary_run" ]] || ((mark <= branch + unflushed))
}
