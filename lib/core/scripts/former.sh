# shellcheck shell=sh disable=SC3043
# A pod can be replaced and go on: its node lost touch with the API server, or its kubelet hangs. Then two pods have one name. DNS leads to the newer;
# the former serves those that are still connected. Two signs tell them apart, both seen from inside:
#
#   - the name leads to another pod, and that one says `recovering` or `empty` on the database's port: it starts without data in this one's place
#   - the name leads to another pod that takes calls, for longer than DNS servers keep an old answer
#
# A former pod stops its server. A replica leaves a former primary, so that it is fed by one only. Needs common.sh; for sync.sh.

look_interval=500 # hundredths of a second between two looks at DNS, each of which starts a few processes
stale_answers=6000 # hundredths of a second: more than an old answer lives (CoreDNS keeps one for half a minute)
looked_at=
elsewhere_since= # since when this pod's name leads to another pod that takes calls
former_primary=  # the address of the primary that this replica left
if [ -e "$state/former-primary" ]; then read -r former_primary <"$state/former-primary" || true; fi
led_back_since=
primary_known= # the address that was looked at last
primary_elsewhere_since=

# look_for_successors: sets `replaced_by` if this is a former pod, and has a replica leave a former primary. Called with each tick of sync.sh.
replaced_by=
look_for_successors() {
  clock
  if [ -n "$looked_at" ] && [ $((hundredths - looked_at)) -lt "$look_interval" ] && [ -z "$elsewhere_since" ]; then return 0; fi
  looked_at=$hundredths
  look_at_own_name
  if [ "$ordinal" -gt 0 ] && [ -z "$replaced_by" ]; then look_at_primary; fi
}

look_at_own_name() {
  local seen
  seen=$(look_at "$(host_of "$ordinal")" "$own_addresses")
  case $seen in
    here) elsewhere_since='' replaced_by='' ;;
    *' without-data') replaced_by=${seen% *} ;;
    *' answers')
      : "${elsewhere_since:=$hundredths}"
      if [ $((hundredths - elsewhere_since)) -gt "$stale_answers" ]; then replaced_by=${seen% *}; fi
      ;;
    *) elsewhere_since='' ;; # a pod that has just been made is told its predecessor's address for a while
  esac
}

# look_at_primary: `primary_address` is where this replica was connected to (follow.sh).
look_at_primary() {
  local seen known="$primary_known"
  [ -n "${primary_address:-}" ] || return 0
  primary_known=$primary_address
  # A sidecar that was restarted knows the address by name only: its server may be fed by another.
  if [ -z "$known" ] && [ -n "$started" ]; then known=none; else known=$primary_address; fi
  seen=$(look_at "$(host_of 0)" "$known")
  case $seen in
    *' without-data') ;;
    *' answers')
      [ "$known" != none ] || return 0
      : "${primary_elsewhere_since:=$hundredths}"
      [ $((hundredths - primary_elsewhere_since)) -gt "$stale_answers" ] || return 0
      ;;
    *)
      primary_elsewhere_since=
      return 0
      ;;
  esac
  log "$set_name-0 is another pod now, at ${seen% *}: leaving the former one at $known"
  if [ "$known" != none ]; then
    former_primary=$known
    printf '%s\n' "$former_primary" >"$state/former-primary"
  fi
  primary_address='' primary_known='' primary_elsewhere_since=''
  engine_detach
}

# look_at HOST ADDRESSES: `here` if the name leads to one of ADDRESSES, else where it leads and what is there: `ADDRESS without-data`, `ADDRESS answers` or
# `ADDRESS silent`. Nothing where it leads nowhere.
look_at() {
  local address other='' heard
  for address in $(addresses_of "$1"); do
    case " $2 " in *" $address "*) echo here; return 0 ;; esac
    other=$address
  done
  [ -n "$other" ] || return 0
  heard=$(hear "$other") || heard=
  case $heard in
    "connected recovering $set_name" | "connected empty $set_name") printf '%s without-data\n' "$other" ;;
    '') printf '%s silent\n' "$other" ;;
    *) printf '%s answers\n' "$other" ;;
  esac
}

# leads_to_former: whether DNS still, or again, gives the address of the primary that was left: then nobody may be followed. Sets `synced`. Where it
# gives that one for longer than an old answer lives, it is a new pod that got the address.
leads_to_former() {
  [ -n "$former_primary" ] || return 1
  case " $(addresses_of "$(host_of 0)" | tr '\n' ' ')" in
    *" $former_primary "*)
      clock
      : "${led_back_since:=$hundredths}"
      if [ $((hundredths - led_back_since)) -gt "$stale_answers" ]; then
        former_primary='' led_back_since=''
        rm -f "$state/former-primary"
        return 1
      fi
      # shellcheck disable=SC2034 # for sync.sh
      synced="DNS still leads to the former $set_name-0 at $former_primary"
      return 0
      ;;
  esac
  led_back_since=
  return 1
}
