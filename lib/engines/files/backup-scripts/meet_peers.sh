# shellcheck shell=bash
# Instead of the function of that name in peers.sh, in a set that has a store.

# meet_peers: in a job not before it has found the set (job.sh), as the key of its pods is made of its name too.
meet_peers() {
  if [[ -n ${job:-} ]] && ((ordinal >= 0)); then return 0; fi
  base_meet_peers
}
