# shellcheck shell=bash
# Instead of the function of that name in engine.sh, in a set that has a store.

# engine_prepare: a job makes the key of the set's pods when it knows their set. On a busy node that may not succeed at
# once; a pod of the set would be started again.
engine_prepare() {
  local tries
  if [[ -z ${job:-} ]]; then
    base_engine_prepare
    return
  fi
  for ((tries = 1; tries < 5; tries++)); do
    if (meet_peers); then break; fi
    core_back_off "$tries"
  done
  meet_peers
}
