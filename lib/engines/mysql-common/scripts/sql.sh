# shellcheck shell=bash
# What is said in SQL by more than one script.

quoted() { # TEXT: as SQL, whatever is in it
  local text=${1//\\/\\\\}
  printf "'%s'" "${text//\'/\'\'}"
}
