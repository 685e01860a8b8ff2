#!/usr/bin/env bash
# Gives a copy of this pod's data to the pod that has connected, on standard output. Started by socat in the sidecar.
#
# What is asked for is the name in the other's certificate:
#
#   stateful-copy     all data
#   since-LSN-START   pages that have changed since, if the server has run without a break: incremental.sh
#   which-start       only the START of the server
set -Eeuo pipefail
# shellcheck source=settings.example.sh
. "${STATEFUL_CONFIG:-/etc/stateful}/settings.sh"
# Into the sidecar's log: our own error output is socat's.
log() { printf '%(%FT%TZ)T copy: %s\n' -1 "$*" >/proc/1/fd/2 || true; }

peer=${SOCAT_PEERADDR:-?}
if [[ $peer =~ ^\[(0000:){5}ffff:(..)(..):(..)(..)\]$ ]]; then
  printf -v peer '%d.%d.%d.%d' \
    "0x${BASH_REMATCH[2]}" "0x${BASH_REMATCH[3]}" "0x${BASH_REMATCH[4]}" "0x${BASH_REMATCH[5]}"
fi
asked=${SOCAT_OPENSSL_X509_COMMONNAME:-} start=$(cat "${STATEFUL_STATE:-/run/stateful}/server-start" 2>/dev/null) || true
if [[ $asked == which-start ]]; then
  echo "$start"
  exit
fi
kind=full since=() what='a copy'
if [[ $asked =~ ^since-([0-9]{1,20})-([0-9a-f]{32})$ ]]; then
  kind=changes since=("--incremental-lsn=${BASH_REMATCH[1]}") what='what changed'
  [[ ${BASH_REMATCH[2]} == "$start" ]] || {
    log "failed: $peer asks for what changed since an earlier start of the server"
    exit 1
  }
fi
log "giving $what to $peer"
# A folder of its own: another copy may be given at the same time.
# shellcheck disable=SC2154 # a setting
folder=$(mktemp -d "$copy_scratch/XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if ! mariadb-backup --backup --stream=mbstream --datadir="$volume/current" \
  --socket=/run/mysqld/mysqld.sock --user=mysql --skip-ssl \
  --target-dir="$folder/target" --tmpdir="$folder" --extra-lsndir="$folder/lsn" "${since[@]}" 2>backup.log; then
  log "failed: $(tail -n 1 backup.log)"
  exit 1
fi
# The image's health check finds its user's password in a file that a backup leaves out, and whose name mbstream
# refuses.
if [[ -e $volume/current/.my-healthcheck.cnf ]]; then
  (umask 077 && cp "$volume/current/.my-healthcheck.cnf" healthcheck.cnf)
  mbstream -c healthcheck.cnf
fi
# Positions are of one start of the server: what was copied since has others.
[[ $kind == full || $(cat "${STATEFUL_STATE:-/run/stateful}/server-start") == "$start" ]] || {
  log "failed: the server was started again meanwhile"
  exit 1
}
lsn=$(sed -nE 's/^to_lsn = ([0-9]+)$/\1/p' lsn/*_checkpoints) || true
echo "$kind $start $lsn" >complete
mbstream -c complete
log "gave $what to $peer"
