# shellcheck shell=bash
# One client that stays connected: asking it costs a thousandth of starting one, and its connection is itself a sign to others
# that lives exactly as long as this process. An engine sets session_end_command, which makes its client print a line `.`, and
# session_broken, a pattern of the line by which a client that would go on without its connection tells that it is lost, or that there will be no
# such line `.`; session_error is that line.
session_broken=
session_error=
session_pid=
answer=()

session_open() { # CLIENT-COMMAND...
  session_close
  # The client waits for a line: bash forgets a coprocess, and its variables, as soon as it has ended.
  coproc CLIENT { read -r _ && exec "$@"; }
  session_pid=$CLIENT_PID
  exec {session_in}<&"${CLIENT[0]}" {session_out}>&"${CLIENT[1]}"
  echo 2>/dev/null >"/dev/fd/$session_out" || true # where it is gone, the first question fails
}

session_close() {
  [[ -n $session_pid ]] || return 0
  exec {session_in}<&- {session_out}>&-
  kill "$session_pid" 2>/dev/null || true
  wait "$session_pid" 2>/dev/null || true
  session_pid=
}

# session_ask STATEMENT: its rows in the array `answer`. Fails, and closes the session, if there is no answer in 5 seconds; or if this pod is told to
# stop meanwhile: it shows that to others at once, though its server is stuck.
session_ask() {
  local row begun='' slices=0 status told=${leaving:-}
  answer=() session_error=
  [[ -n $session_pid ]] || return 1
  if printf '%s\n%s\n' "$1" "$session_end_command" 2>/dev/null >"/dev/fd/$session_out"; then
    while :; do
      status=0
      IFS= read -rt 0.5 -u "$session_in" row || status=$?
      if ((status > 128 && ++slices < 10)) && [[ ${leaving:-} == "$told" ]]; then
        begun+=$row
        continue
      fi
      ((status == 0)) || break
      row=$begun$row begun='' slices=0
      if [[ $row == . ]]; then return 0; fi
      # shellcheck disable=SC2034,SC2053 # for engines; it is a pattern
      if [[ -n $session_broken && $row == $session_broken ]]; then session_error=$row; break; fi
      answer+=("$row")
    done
  fi
  session_close
  return 1
}
trap '' PIPE # a client that is gone must be an error of printf, not the end of this script
