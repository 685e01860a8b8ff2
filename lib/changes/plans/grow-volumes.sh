#!/usr/bin/env bash
# Grows the volumes of a StatefulSet with their data in place. Kubernetes lets no claim template change, so each claim is grown, and the
# StatefulSet is taken away without its pods and applied anew. The pods go on running; where a volume grows only as its pod starts, they
# are restarted one by one at the end, from the last to 0.
#
#   grow-....sh FILE   applies FILE, the manifests with the new size, when the time has come
#   grow-....sh        lets your pipeline do that, and waits for it
#
# Needs kubectl and its context. If the manifests name no namespace it is the context's, or NAMESPACE. It can be interrupted, and run again
# at any time: each step looks first. Runs in the bash 3.2 of a Mac.
set -Eeuo pipefail
: "${namespace=${NAMESPACE:-}}" "${set_name:?}" "${claim:?}" "${size:?}" # the plan's own, written here by synth
manifest=${1:-}
timeout=${PLAN_TIMEOUT:-1800} # seconds that one step may take

k() { if [[ -n $namespace ]]; then kubectl --namespace "$namespace" "$@"; else kubectl "$@"; fi; }
say() { printf '%s\n' "$*"; }
stop() { printf 'STOPPED: %s\n' "$*" >&2; exit 1; }
trap 'stop "line $LINENO: $BASH_COMMAND; see what kubectl said, and run this again"' ERR

# bytes QUANTITY
bytes() {
  awk -v quantity="$1" 'BEGIN {
    unit = quantity; sub(/^[0-9.]+/, "", unit)
    split("k M G T P E", decimal, " "); split("Ki Mi Gi Ti Pi Ei", binary, " ")
    factor = 1
    for (i = 1; i <= 6; i++) { if (unit == decimal[i]) factor = 1000 ^ i; if (unit == binary[i]) factor = 1024 ^ i }
    printf "%.0f\n", quantity * factor
  }'
}
is_at_least() { (($(bytes "${1:-0}") >= $(bytes "$2"))); }

# until_true WHAT COMMAND...: polls; says what it waits for once, when it has to.
until_true() {
  local what=$1 end=$((SECONDS + timeout)) told=
  shift
  until "$@"; do
    if [[ -z $told ]]; then say "  waiting: $what"; told=yes; fi
    ((SECONDS < end)) || stop "after $timeout seconds still waiting: $what"
    sleep 0.5
  done
}

claims() { k get persistentvolumeclaims -o name | sed -n "s|^persistentvolumeclaim/\($claim-$set_name-[0-9][0-9]*\)\$|\1|p"; }
requested() { k get persistentvolumeclaim "$1" -o jsonpath='{.spec.resources.requests.storage}'; }
capacity() { k get persistentvolumeclaim "$1" -o jsonpath='{.status.capacity.storage}'; }
waits_for_pod() { [[ $(k get persistentvolumeclaim "$1" -o jsonpath='{.status.conditions[?(@.type=="FileSystemResizePending")].status}') == True ]]; }
has_grown() { is_at_least "$(capacity "$1")" "$size"; }
has_grown_or_waits() { has_grown "$1" || waits_for_pod "$1"; }
template_size() { k get statefulset "$set_name" --ignore-not-found -o jsonpath="{.spec.volumeClaimTemplates[?(@.metadata.name==\"$claim\")].spec.resources.requests.storage}"; }
template_is_new() { is_at_least "$(template_size)" "$size"; }
pod_of() { printf '%s\n' "${1#"$claim"-}"; }
pod_uid() { k get pod "$1" --ignore-not-found -o jsonpath='{.metadata.uid}'; }
is_ready() { [[ $(k get pod "$1" --ignore-not-found -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}') == True ]]; }
is_replaced() { local uid; uid=$(pod_uid "$1"); [[ -n $uid && $uid != "$2" ]] && is_ready "$1"; }
is_adopted() { [[ $(k get pod "$1" --ignore-not-found -o jsonpath='{.metadata.ownerReferences[?(@.kind=="StatefulSet")].name}') == "$set_name" ]]; }

say "1/5 looking at StatefulSet $set_name and its claims"
all=$(claims)
[[ -n $all ]] || stop "there are no claims $claim-$set_name-N here: is this the right context and namespace?"
for name in $all; do
  class=$(k get persistentvolumeclaim "$name" -o jsonpath='{.spec.storageClassName}')
  expands=$(kubectl get storageclass "$class" -o jsonpath='{.allowVolumeExpansion}')
  [[ $expands == true ]] || stop "class $class of $name does not allow volumes to grow (allowVolumeExpansion): nothing has been changed; make a second set on larger volumes and bring the data over"
done
if [[ -n $manifest ]]; then
  found=$(kubectl create --dry-run=client --validate=false -f "$manifest" -o jsonpath="{.kind}/{.metadata.name}={.spec.volumeClaimTemplates[?(@.metadata.name==\"$claim\")].spec.resources.requests.storage}{\"\\n\"}" \
    | sed -n "s|^StatefulSet/$set_name=||p")
  [[ $found == "$size" ]] || stop "$manifest has no StatefulSet $set_name with $size for '$claim' (found '${found:-none}'): nothing has been changed; synthesize it first"
fi
former_size=$(template_size)
[[ -n $former_size || -n $manifest ]] || say "  StatefulSet $set_name is not there; your pipeline is to apply it"

say "2/5 growing the claims to $size"
for name in $all; do
  amount=$(requested "$name")
  if is_at_least "$amount" "$size"; then
    say "  $name: asked for already"
  else
    k patch persistentvolumeclaim "$name" --type merge --patch "{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"$size\"}}}}" >/dev/null
    say "  $name: asked for"
  fi
done

say "3/5 the storage grows the volumes"
for name in $all; do
  uid=$(pod_uid "$(pod_of "$name")")
  if [[ -z $uid ]] && ! has_grown "$name"; then
    say "  $name: no pod uses it; it grows when one does"
  else
    until_true "$name to grow; see 'kubectl describe persistentvolumeclaim $name'" has_grown_or_waits "$name"
    if has_grown "$name"; then say "  $name: has grown"; else say "  $name: has grown, its file system will when its pod starts"; fi
  fi
done

say "4/5 the StatefulSet's template"
former_size=$(template_size)
if is_at_least "$former_size" "$size"; then
  say "  $set_name: has $size already"
else
  if [[ -n $former_size ]]; then
    former=$(mktemp "${TMPDIR:-/tmp}/$set_name-before.XXXXXX")
    k get statefulset "$set_name" -o yaml >"$former"
    say "  $set_name: taken away without its pods; as it was: $former"
    k delete statefulset "$set_name" --cascade=orphan >/dev/null
  fi
  if [[ -n $manifest ]]; then
    k apply -f "$manifest" >/dev/null || stop "$manifest could not be applied; the pods of $set_name go on running, but nobody starts them again: mend it and run this again"
  fi
  until_true "your pipeline to apply $set_name with $size; the pods run meanwhile" template_is_new
  say "  $set_name: has $size"
fi
for name in $all; do
  pod=$(pod_of "$name")
  uid=$(pod_uid "$pod")
  [[ -z $uid ]] || until_true "$set_name to take over $pod" is_adopted "$pod"
done
strategy=$(k get statefulset "$set_name" -o jsonpath='{.spec.updateStrategy.type}')
[[ $strategy == OnDelete ]] || k rollout status "statefulset/$set_name" --timeout "${timeout}s" >/dev/null || stop "the pods of $set_name are not ready: see 'kubectl logs', mend it and run this again"

say "5/5 file systems that grow only as their pods start"
ordinals=$(for name in $all; do printf '%s\n' "${name##*-}"; done | sort -rn)
for ordinal in $ordinals; do
  name=$claim-$set_name-$ordinal pod=$set_name-$ordinal
  uid=$(pod_uid "$pod")
  amount=$(capacity "$name") # by itself: where this is not answered, nothing may restart
  if [[ -z $uid ]] || is_at_least "$amount" "$size"; then continue; fi
  say "  $pod: restarting"
  k delete pod "$pod" --wait=false >/dev/null
  until_true "$pod to be ready again" is_replaced "$pod" "$uid"
  until_true "$name to grow" has_grown "$name"
  say "  $pod: ready, $name has $(capacity "$name")"
done
for name in $all; do
  uid=$(pod_uid "$(pod_of "$name")")
  amount=$(capacity "$name")
  if [[ -n $uid ]] && ! is_at_least "$amount" "$size"; then stop "$name has not grown: see 'kubectl describe persistentvolumeclaim $name'"; fi
done
say "done: the volumes of $set_name have $size"
