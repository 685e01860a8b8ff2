#!/usr/bin/env bash
# Gives a copy of this pod's data to the pod that has connected, on standard output. Started by socat in the sidecar.
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
log "giving a copy to $peer"
# A folder of its own: another copy may be given at the same time.
# shellcheck disable=SC2154 # a setting
folder=$(mktemp -d "$copy_scratch/XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if ! mariadb-backup --backup --stream=mbstream --datadir="$volume/current" \
  --socket=/run/mysqld/mysqld.sock --user=mysql --skip-ssl \
  --target-dir="$folder/target" --tmpdir="$folder" 2>backup.log; then
  log "failed: $(tail -n 1 backup.log)"
  exit 1
fi
# The image's health check finds its user's password in a file that a backup leaves out, and whose name mbstream
# refuses.
if [[ -e $volume/current/.my-healthcheck.cnf ]]; then
  (umask 077 && cp "$volume/current/.my-healthcheck.cnf" healthcheck.cnf)
  mbstream -c healthcheck.cnf
fi
echo yes >complete
mbstream -c complete
log "gave a copy to $peer"
