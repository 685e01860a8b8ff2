# shellcheck shell=bash
# One client that stays connected: asking it costs a thousandth of starting one, and its connection is itself a sign to
# others that lives exactly as long as this process. An engine sets session_end_command, which makes its client print a
# line `.`, and session_broken, a pattern of the line by which a client that would go on without its connection tells
# that it is lost, or that there will be no such line `.`; core_session_error is that line.
session_broken=
core_session_error=
session_pid=
core_answer=()

# core_session_open CLIENT-COMMAND...
# Globals: session_pid, core_session_in, core_session_out (set).
core_session_open() {
  core_session_close
  # The client waits for a line: bash forgets a coprocess, and its variables, as soon as it has ended.
  coproc core_client { read -r _ && exec "$@"; }
  # shellcheck disable=SC2154 # bash sets it
  session_pid=$core_client_PID
  exec {core_session_in}<&"${core_client[0]}" {core_session_out}>&"${core_client[1]}"
  echo 2>/dev/null >"/dev/fd/$core_session_out" || true # if it is gone, the first question fails
}

# Globals: session_pid (read and set); core_session_in, core_session_out (read).
core_session_close() {
  [[ -n $session_pid ]] || return 0
  exec {core_session_in}<&- {core_session_out}>&-
  kill "$session_pid" 2>/dev/null || true
  wait "$session_pid" 2>/dev/null || true
  session_pid=
}

# core_session_ask STATEMENT: its rows. Fails, and closes the session, if there is no answer in 5 seconds; or if this
# pod is told to stop meanwhile: it announces that to others at once, though its server is stuck.
# Globals: session_pid, core_session_in, core_session_out, core_leaving, session_end_command, session_broken (read);
# core_answer, core_session_error (set).
core_session_ask() {
  local row begun='' slices=0 status leaving_before=${core_leaving:-}
  core_answer=() core_session_error=
  [[ -n $session_pid ]] || return 1
  if printf '%s\n%s\n' "$1" "$session_end_command" 2>/dev/null >"/dev/fd/$core_session_out"; then
    while :; do
      status=0
      IFS= read -rt 0.5 -u "$core_session_in" row || status=$?
      core_hear
      if ((status > 128 && ++slices < 10)) && [[ ${core_leaving:-} == "$leaving_before" ]]; then
        begun+=$row
        continue
      fi
      ((status == 0)) || break
      row=$begun$row begun='' slices=0
      if [[ $row == . ]]; then return 0; fi
      # shellcheck disable=SC2034,SC2053 # for engines; it is a pattern
      if [[ -n $session_broken && $row == $session_broken ]]; then
        core_session_error=$row
        break
      fi
      core_answer+=("$row")
    done
  fi
  core_session_close
  return 1
}
trap '' PIPE # a client that is gone must be an error of printf, not the end of this script
