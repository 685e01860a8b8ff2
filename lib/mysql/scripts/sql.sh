# shellcheck shell=bash
# What is said in SQL by more than one script.

quoted() { # TEXT: as SQL, whatever is in it
  local text=${1//\\/\\\\}
  printf "'%s'" "${text//\'/\'\'}"
}
# follower_password: of the user that replicas copy and follow as. MySQL takes no more than 32 characters from a replica, the Secret may have more.
follower_password() {
  local hash
  hash=$(printf 'follower:%s' "$(<"$credentials/replication-password")" | sha256sum) && printf '%s' "${hash:0:32}"
}
