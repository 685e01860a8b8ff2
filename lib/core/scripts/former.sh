# shellcheck shell=sh disable=SC3043
# A pod can be replaced and go on: its node lost touch with the API server, or its kubelet hangs. Then two pods have one
# name. DNS leads to the newer; the former one serves those that are still connected. Two signs tell them apart, both
# seen from inside:
#
#   - the name leads to another pod, and that one says `recovering` or `empty` on the database's port: it starts without
#     data in this one's place
#   - the name leads to another pod that takes calls, for longer than DNS servers keep an old answer
#
# A former pod stops its server. A replica leaves a former primary, so that it is fed by one only. Needs pod.sh; for
# sync.sh.

core_dns_interval_cs=500 # hundredths of a second between two looks at DNS, each of which starts a few processes
core_dns_cache_cs=6000   # hundredths of a second: more than an old answer lives (CoreDNS keeps one for half a minute)
core_dns_checked_at=
core_replaced_since= # since when this pod's name leads to another pod that takes calls
former_primary=      # the address of the primary that this replica left
if [ -e "$state/former-primary" ]; then read -r former_primary <"$state/former-primary" || true; fi
core_former_back_since= # since when DNS gives that address again
core_primary_known=     # the primary's address that was looked at last
core_primary_replaced_since=
core_replaced_by=

# core_check_replaced: whether this is a former pod; and has a replica leave a former primary. Called with each tick of
# sync.sh.
# Globals: core_now_cs (set, by core_clock); core_replaced_since (read); core_dns_checked_at (read and set);
# core_replaced_by (set).
core_check_replaced() {
  core_clock
  if [ -n "$core_dns_checked_at" ] && [ -z "$core_replaced_since" ] &&
    [ $((core_now_cs - core_dns_checked_at)) -lt "$core_dns_interval_cs" ]; then
    return 0
  fi
  core_dns_checked_at=$core_now_cs
  core_check_own_name
  if [ "$ordinal" -gt 0 ] && [ -z "$core_replaced_by" ]; then core_check_primary_name; fi
}

# Globals: core_own_addresses, core_now_cs (read); core_replaced_since (read and set); core_replaced_by (set).
core_check_own_name() {
  local seen
  seen=$(core_probe_name "$(core_host_of "$ordinal")" "$core_own_addresses")
  case $seen in
    here) core_replaced_since='' core_replaced_by='' ;;
    *' without-data') core_replaced_by=${seen% *} ;;
    *' answers')
      : "${core_replaced_since:=$core_now_cs}"
      if [ $((core_now_cs - core_replaced_since)) -gt "$core_dns_cache_cs" ]; then core_replaced_by=${seen% *}; fi
      ;;
    *) core_replaced_since='' ;; # a pod that has just been made is told its predecessor's address for a while
  esac
}

# core_check_primary_name: `primary_address` is where this replica was connected to (follow.sh).
# Globals: core_now_cs, core_was_ready (read); primary_address, core_primary_known, core_primary_replaced_since (read
# and set); former_primary (set).
core_check_primary_name() {
  local seen known="$core_primary_known"
  [ -n "${primary_address:-}" ] || return 0
  core_primary_known=$primary_address
  # A sidecar that was restarted knows the address by name only: its server may be fed by another.
  if [ -z "$known" ] && [ -n "$core_was_ready" ]; then known=none; else known=$primary_address; fi
  seen=$(core_probe_name "$(core_host_of 0)" "$known")
  case $seen in
    *' without-data') ;;
    *' answers')
      [ "$known" != none ] || return 0
      : "${core_primary_replaced_since:=$core_now_cs}"
      [ $((core_now_cs - core_primary_replaced_since)) -gt "$core_dns_cache_cs" ] || return 0
      ;;
    *)
      core_primary_replaced_since=
      return 0
      ;;
  esac
  log "$set_name-0 is a new pod now, at ${seen% *}: disconnecting from the previous one at $known"
  if [ "$known" != none ]; then
    former_primary=$known
    printf '%s\n' "$former_primary" >"$state/former-primary"
  fi
  primary_address='' core_primary_known='' core_primary_replaced_since=''
  engine_detach
}

# core_probe_name HOST ADDRESSES: `here` if the name leads to one of ADDRESSES, else where it leads and what is there:
# `ADDRESS without-data`, `ADDRESS answers` or `ADDRESS silent`. Nothing if it leads nowhere.
core_probe_name() {
  local address other='' status
  for address in $(core_addresses_of "$1"); do
    case " $2 " in *" $address "*)
      echo here
      return 0
      ;;
    esac
    other=$address
  done
  [ -n "$other" ] || return 0
  status=$(probe_peer "$other") || status=
  case $status in
    "connected recovering $set_name" | "connected empty $set_name") printf '%s without-data\n' "$other" ;;
    '') printf '%s silent\n' "$other" ;;
    *) printf '%s answers\n' "$other" ;;
  esac
}

# core_leads_to_former_primary: whether DNS still, or again, gives the address of the primary that was left: then no
# primary may be followed. If it gives that one for longer than an old answer lives, it is a new pod that got the
# address.
# Globals: former_primary, core_former_back_since (read and set); core_now_cs (set, by core_clock); synced (set).
core_leads_to_former_primary() {
  [ -n "$former_primary" ] || return 1
  case " $(core_addresses_of "$(core_host_of 0)" | tr '\n' ' ')" in
    *" $former_primary "*)
      core_clock
      : "${core_former_back_since:=$core_now_cs}"
      if [ $((core_now_cs - core_former_back_since)) -gt "$core_dns_cache_cs" ]; then
        former_primary='' core_former_back_since=''
        rm -f "$state/former-primary"
        return 1
      fi
      # shellcheck disable=SC2034 # for sync.sh
      synced="DNS still resolves $set_name-0 to the previous pod, at $former_primary"
      return 0
      ;;
  esac
  core_former_back_since=
  return 1
}
