# shellcheck shell=bash
# What the sidecar asks and does. The server says in files how it stands, and gives this pod's signs to the others.
# shellcheck disable=SC2034 # role, synced, lag, session_pid are sync.sh's

primary_address= # that the server takes from: for former.sh
addresses=       # ORDINAL=ADDRESS of those above: when all pods are told to stop, their names are gone at once

# engine_observe: the server is there as long as it holds its lock, and has said how it stands.
engine_observe() {
  local core_now core_now_cs since
  [[ -e $state/observed ]] || return 1
  ! flock -n "$state/running" true || return 1
  if passwords_changed; then meet_peers; fi
  read -r session_pid <"$state/server" # another server must be told again what to show
  read -r role since synced <"$state/observed" || true
  [[ $synced != 'NOT FOLLOWING'* ]] || synced_at='' # who reads here reads another history: not ready at once
  [[ $role == replica ]] || return 0
  core_clock
  lag=$((core_now - since))
}

engine_reconcile() {
  keep_addresses
  ((ordinal > 0)) || return 0
  # The server may have noticed first.
  if [[ -z $former_primary && -e $state/former-primary ]]; then former_primary=$(<"$state/former-primary"); fi
  # This one knows also when a new pod has got that address.
  if [[ $synced != yes ]] && core_leads_to_former_primary; then return 0; fi
  if [[ ! -e $state/detached ]]; then
    primary_address=$(cat "$state/signs/takes-from" 2>/dev/null) || primary_address=
  elif engine_identity "$(core_host_of 0)" >/dev/null; then
    rm -f "$state/detached" # the server decides whether it may follow that one
  fi
}

# engine_detach: the server ends what it is at, and takes from no one until ordinal 0 is a primary again, and not the
# former one.
engine_detach() { : >"$state/detached"; }

# keep_addresses: one that is known is kept until there is another. Anyone who is not there any more takes no call.
keep_addresses() {
  local n=$((ordinal + 1)) address declared
  declared=$(cat "$config/replicas")
  while
    address=$(address_of "$n")
    [[ -n $address ]] || ((n < declared))
  do # also those that somebody scaled to by hand
    # shellcheck disable=SC2001 # of a pattern
    [[ -z $address || " $addresses " == *" $n=$address "* ]] ||
      addresses="$(sed "s/ $n=[^ ]*//" <<<"$addresses") $n=$address"
    n=$((n + 1))
  done
}

engine_stop() { : >"$state/stop"; }

engine_announce_ready() { : >"$state/signs/ready"; }
engine_withdraw_ready() { rm -f "$state/signs/ready"; }
engine_peer_is_ready() { read_from "$(core_host_of "$1")" signs/ready >/dev/null; }

# engine_announce_leaving: and be seen as ready no more, as anyone who starts above must wait for the next pod.
engine_announce_leaving() { engine_withdraw_ready && : >"$state/signs/leaving"; }
# shellcheck disable=SC2034 # for leave.sh
engine_list_higher_ordinals() {
  local above status
  higher_leaving='' higher_connected=''
  for above in $addresses; do
    status=0
    read_from "${above#*=}" signs/leaving >/dev/null || status=$?
    if ((status == 0)); then
      higher_leaving="$higher_leaving${higher_leaving:+ }${above%%=*}"
    elif is_absent "$status"; then
      higher_connected="$higher_connected${higher_connected:+ }${above%%=*}"
    fi
  done
}
