# shellcheck shell=bash
# The Secret has changed: the server is told. For engine-sync.sh.

secret_looked_at= # whether the Secret was compared with what the server was told
secret_due=       # whether the server must be told the Secret's passwords

# check_secret_change: whether the server was told what is in it, by this sidecar, by a former one, or as it started.
# Globals: secret_looked_at, secret_due (set).
check_secret_change() {
  core_hold_secret
  secret_looked_at=yes secret_due=
  if [[ $(digest_of_secret) != "$(cat "$passwords_set" 2>/dev/null)" ]] &&
    (core_check_passwords superuser-password replication-password password); then
    secret_due=yes
  fi
}
# Globals: secret_due (set).
change_passwords() {
  local password digest
  digest=$(digest_of_secret) || return 0 # before they are read
  password=$(<"$credentials/replication-password")
  password=${password//\\/\\\\}
  log "setting passwords to what the Secret says"
  write_users
  core_session_ask "CONFIG SET masterauth \"${password//\"/\\\"}\"" && [[ ${core_answer[*]} == OK ]] || return 0
  core_session_ask "ACL LOAD" || return 0
  if [[ ${core_answer[*]} != OK ]]; then
    log_change "could not set the passwords: ${core_answer[*]}"
    return 0
  fi
  secret_due=
  printf '%s\n' "$digest" >"$passwords_set.new" && mv "$passwords_set.new" "$passwords_set"
}
