#!/usr/bin/env bash
# For `split`, in backup.sh: one chunk, from stdin. At most two wait to be sent: who copies is then made to wait, and
# the disk stays bounded.
set -euo pipefail
full() {
  local paths=("$chunks"/full/*)
  [[ -e ${paths[0]} ]] && ((${#paths[@]} > 1))
}
cat >"$chunks/filling/$1"
while full; do
  [[ ! -e $chunks/failed ]] || exit 1
  read -rt 0.2 _ <> <(:) || true
done
mv "$chunks/filling/$1" "$chunks/full/$1"
