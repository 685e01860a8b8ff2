# shellcheck shell=bash
# Instead of the function of that name in bootstrap.sh, in a set that has a store: a new database only where the store
# has none of this set.

# core_create_data: restore what the store has, or what the props name; else as without a store. No ordinal holds data;
# until the store has answered, that may change, as somebody may bring a volume back.
core_create_data() {
  local status n
  # shellcheck source=restore.sh
  . "$scripts/restore.sh"
  while :; do
    # shellcheck source=settings.example.sh
    . "$config/settings.sh"
    status=0
    core_data_from_store || status=$?
    if [ "$status" -ne 2 ]; then break; fi
    pause 1
    for n in $(core_peer_ordinals); do
      [ "$(core_peer_state "$n")" != holding ] || die "$set_name-$n had no data, and holds some now: asking all again"
    done
  done
  if [ "$status" -eq 1 ]; then base_core_create_data; fi
}
