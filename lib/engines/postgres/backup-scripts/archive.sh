#!/usr/bin/env bash
# archive_command of PostgreSQL: whether the store has the part of the log that is named. It is the container `ship`
# that sends it, with the keys that no one has here; this waits a little for it, and PostgreSQL asks again.
#
# If more waits for the store than may, the oldest part is let go, and PostgreSQL goes on: ship.sh says in the store
# what is missing, and takes another backup.
state=${STATEFUL_STATE:-/run/stateful}
# shellcheck source=settings.example.sh
. "${STATEFUL_CONFIG:-/etc/stateful}/settings.sh"
mark=$state/shipped/$1
for ((i = 0; i <= ${STATEFUL_PATIENCE:-50}; i++)); do
  if [[ -e $mark ]]; then
    rm -f "$mark"
    exit 0
  fi
  waiting=(pg_wal/archive_status/*.ready)
  # Not before `ship` has looked once: what waits may be in the store already.
  if [[ -e $state/ship-looked ]] && ((max_unshipped > 0 && ${#waiting[@]} << 24 > max_unshipped)); then
    printf '%s archive: %s of the log is dropped: the store of the backups has not taken it, and %s MiB wait already, of %s that may\n' \
      "$(date -u +%FT%TZ)" "$1" "$((${#waiting[@]} << 4))" "$((max_unshipped >> 20))" >&2
    exit 0
  fi
  # PostgreSQL waits for this as it stops: what the store has not is sent after the next start.
  if [[ -e $state/leaving && -e $state/store-away ]]; then exit 1; fi
  read -rt 0.2 _ <> <(:) || true
done
exit 1
