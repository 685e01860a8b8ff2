# shellcheck shell=bash
# SQL that more than one script uses.

quoted() { # TEXT: as SQL, whatever is in it
  local text=${1//\\/\\\\}
  printf "'%s'" "${text//\'/\'\'}"
}
