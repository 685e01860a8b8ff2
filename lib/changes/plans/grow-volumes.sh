#!/usr/bin/env bash
# Expands the volumes of a StatefulSet with their data in place. Kubernetes does not allow a claim template to change,
# so each PVC is expanded, and the StatefulSet is deleted without its pods and created again. The pods keep running; if
# a volume can only be resized when its pod starts, they are restarted one by one at the end, from the last to 0.
#
#   grow-....sh FILE   applies FILE, the manifests with the new size, at the right step
#   grow-....sh        waits at that step until your pipeline has applied them
#
# Needs kubectl and a context. If the manifests name no namespace, NAMESPACE or the one of the context is used. The
# script can be interrupted and run again at any time: each step checks first what is left to do. Works with bash 3.2,
# as on macOS.
set -Eeuo pipefail
: "${namespace=${NAMESPACE:-}}" "${set_name:?}" "${claim:?}" "${size:?}" # set by synth in each plan
manifest=${1:-}
timeout=${PLAN_TIMEOUT:-1800} # seconds that one step may take

k() { if [[ -n $namespace ]]; then kubectl --namespace "$namespace" "$@"; else kubectl "$@"; fi; }
say() { printf '%s\n' "$*"; }
stop() {
  printf 'STOPPED: %s\n' "$*" >&2
  exit 1
}
trap 'stop "line $LINENO: $BASH_COMMAND; see the output of kubectl, and run this again"' ERR

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

# until_true WHAT COMMAND...: polls until COMMAND succeeds; prints once what it is waiting for.
until_true() {
  local what=$1 end=$((SECONDS + timeout)) told=
  shift
  until "$@"; do
    if [[ -z $told ]]; then
      say "  waiting: $what"
      told=yes
    fi
    ((SECONDS < end)) || stop "still waiting after $timeout seconds: $what"
    sleep 0.5
  done
}

claims() {
  k get persistentvolumeclaims -o name |
    sed -n "s|^persistentvolumeclaim/\($claim-$set_name-[0-9][0-9]*\)\$|\1|p"
}
requested() { k get persistentvolumeclaim "$1" -o jsonpath='{.spec.resources.requests.storage}'; }
capacity() { k get persistentvolumeclaim "$1" -o jsonpath='{.status.capacity.storage}'; }
waits_for_pod() {
  [[ $(k get persistentvolumeclaim "$1" \
    -o jsonpath='{.status.conditions[?(@.type=="FileSystemResizePending")].status}') == True ]]
}
has_grown() { is_at_least "$(capacity "$1")" "$size"; }
has_grown_or_waits() { has_grown "$1" || waits_for_pod "$1"; }
# Of a StatefulSet, for kubectl.
template_size_path=".spec.volumeClaimTemplates[?(@.metadata.name==\"$claim\")].spec.resources.requests.storage"
template_size() { k get statefulset "$set_name" --ignore-not-found -o jsonpath="{$template_size_path}"; }
template_is_new() { is_at_least "$(template_size)" "$size"; }
pod_of() { printf '%s\n' "${1#"$claim"-}"; }
pod_uid() { k get pod "$1" --ignore-not-found -o jsonpath='{.metadata.uid}'; }
is_ready() {
  [[ $(k get pod "$1" --ignore-not-found \
    -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}') == True ]]
}
is_replaced() {
  local uid
  uid=$(pod_uid "$1")
  [[ -n $uid && $uid != "$2" ]] && is_ready "$1"
}
is_adopted() {
  [[ $(k get pod "$1" --ignore-not-found \
    -o jsonpath='{.metadata.ownerReferences[?(@.kind=="StatefulSet")].name}') == "$set_name" ]]
}

say "1/5 checking StatefulSet $set_name and its PVCs"
all=$(claims)
[[ -n $all ]] || stop "there are no PVCs $claim-$set_name-N: is this the right context and namespace?"
for name in $all; do
  class=$(k get persistentvolumeclaim "$name" -o jsonpath='{.spec.storageClassName}')
  expands=$(kubectl get storageclass "$class" -o jsonpath='{.allowVolumeExpansion}')
  [[ $expands == true ]] ||
    stop "StorageClass $class of $name does not allow volume expansion (allowVolumeExpansion); nothing was changed. Create a new StatefulSet with larger volumes alongside and migrate the data"
done
if [[ -n $manifest ]]; then
  found=$(kubectl create --dry-run=client --validate=false -f "$manifest" \
    -o jsonpath="{.kind}/{.metadata.name}={$template_size_path}{\"\\n\"}" |
    sed -n "s|^StatefulSet/$set_name=||p")
  [[ $found == "$size" ]] ||
    stop "$manifest has no StatefulSet $set_name with $size for '$claim' (found '${found:-none}'); nothing was changed. Synthesize it first"
fi
former_size=$(template_size)
[[ -n $former_size || -n $manifest ]] || say "  StatefulSet $set_name does not exist; your pipeline has to apply it"

say "2/5 expanding the PVCs to $size"
for name in $all; do
  amount=$(requested "$name")
  if is_at_least "$amount" "$size"; then
    say "  $name: already requested"
  else
    k patch persistentvolumeclaim "$name" --type merge \
      --patch "{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"$size\"}}}}" >/dev/null
    say "  $name: requested"
  fi
done

say "3/5 resizing the volumes"
for name in $all; do
  uid=$(pod_uid "$(pod_of "$name")")
  if [[ -z $uid ]] && ! has_grown "$name"; then
    say "  $name: not used by a pod; it is resized when it is"
  else
    until_true "$name to be resized; see 'kubectl describe persistentvolumeclaim $name'" has_grown_or_waits "$name"
    if has_grown "$name"; then
      say "  $name: resized"
    else
      say "  $name: resized, its file system follows when its pod restarts"
    fi
  fi
done

say "4/5 replacing the StatefulSet"
former_size=$(template_size)
if is_at_least "$former_size" "$size"; then
  say "  $set_name: already has $size"
else
  if [[ -n $former_size ]]; then
    former=$(mktemp "${TMPDIR:-/tmp}/$set_name-before.XXXXXX")
    k get statefulset "$set_name" -o yaml >"$former"
    say "  $set_name: deleting it without its pods; saved as $former"
    k delete statefulset "$set_name" --cascade=orphan >/dev/null
  fi
  if [[ -n $manifest ]]; then
    k apply -f "$manifest" >/dev/null ||
      stop "could not apply $manifest; the pods of $set_name keep running, but nothing restarts them: fix it and run this again"
  fi
  until_true "your pipeline to apply $set_name with $size; the pods keep running" template_is_new
  say "  $set_name: has $size"
fi
for name in $all; do
  pod=$(pod_of "$name")
  uid=$(pod_uid "$pod")
  [[ -z $uid ]] || until_true "$set_name to adopt $pod" is_adopted "$pod"
done
strategy=$(k get statefulset "$set_name" -o jsonpath='{.spec.updateStrategy.type}')
[[ $strategy == OnDelete ]] ||
  k rollout status "statefulset/$set_name" --timeout "${timeout}s" >/dev/null ||
  stop "the pods of $set_name are not ready: see 'kubectl logs', fix it and run this again"

say "5/5 restarting pods whose file systems can only be resized at startup"
ordinals=$(for name in $all; do printf '%s\n' "${name##*-}"; done | sort -rn)
for ordinal in $ordinals; do
  name=$claim-$set_name-$ordinal pod=$set_name-$ordinal
  uid=$(pod_uid "$pod")
  amount=$(capacity "$name") # on its own line: if this fails, nothing may restart
  if [[ -z $uid ]] || is_at_least "$amount" "$size"; then continue; fi
  say "  $pod: restarting"
  k delete pod "$pod" --wait=false >/dev/null
  until_true "$pod to be ready again" is_replaced "$pod" "$uid"
  until_true "$name to be resized" has_grown "$name"
  say "  $pod: ready, $name has $(capacity "$name")"
done
for name in $all; do
  uid=$(pod_uid "$(pod_of "$name")")
  amount=$(capacity "$name")
  if [[ -n $uid ]] && ! is_at_least "$amount" "$size"; then
    stop "$name was not resized: see 'kubectl describe persistentvolumeclaim $name'"
  fi
done
say "done: the volumes of $set_name have $size"
