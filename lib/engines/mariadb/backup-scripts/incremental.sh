# shellcheck shell=bash
# Backups of MariaDB that hold only what changed since another one: every page whose position in InnoDB's log (LSN) is
# later, and all files of other engines. That position is of one server's files. Those of another pod, of one that was
# copied since, or of an older volume that was brought back, have pages with positions of their own, and what changed
# there cannot be told by it. So the other backup must be of the same pod, and of the same start of its server: the
# manifest of a backup is `LSN START`, and the donor knows its START (donate.sh). For engine-backup.sh and
# engine-restore.sh.

# make_certificate FILE NAME: of this name, for what is asked of a donor.
make_certificate() {
  local own=$certificates/own.pem
  (
    umask 077
    openssl req -new -key "$own" -subj "/CN=$2" |
      openssl x509 -req -CA "$certificates/ca.pem" -CAkey "$own" -days 36500 -set_serial 1 \
        -out "$certificates/$1.pem" &&
      openssl pkey -in "$own" >>"$certificates/$1.pem"
  ) 2>"$state/copy/openssl.log" || {
    log "no certificate to ask for what changed: $(tail -n 1 "$state/copy/openssl.log")"
    return 1
  }
}

# engine_builds_on HOST INDEX: whether what changed since that backup, whose manifest is `$stage/parent`, can be had of
# HOST; else says why not. The donor looks again. All data is read for that: so the primary is not asked where a replica
# can give a full copy.
# Globals: core_source (read).
engine_builds_on() {
  local lsn start theirs='' tries
  [[ $1 != "$(core_host_of 0)" || ${core_source:-0} == 0 ]] || return 1
  read -r lsn start <"$stage/parent" && make_certificate asks which-start &&
    make_certificate changes "since-$lsn-$start" || return 1
  # A node whose clock is behind takes them a moment later. Who does not know the question gives a copy.
  for ((tries = 0; tries < 10 && ${#theirs} == 0; tries++)); do
    ((tries == 0)) || pause 0.5
    theirs=$(ask_donor "$1" asks | head -c 33) || true
  done
  [[ -n $theirs ]] || {
    log "${1%%.*} does not say whether it can tell what changed since that backup: $(donor_error)"
    return 1
  }
  [[ $theirs == "$start" ]] || {
    log "${1%%.*} cannot tell what changed since that backup: it is of another pod, or the server was started again since"
    return 1
  }
}

# engine_combine DIRECTORY FOLDER...: of a full backup, which was prepared, and those that build on it.
engine_combine() {
  local directory=$1 base=$2 folder
  shift 2
  for folder in "$@"; do
    mariadb-backup --prepare --target-dir="$base" --incremental-dir="$folder" >"$copy_scratch/prepare.log" 2>&1 || {
      log "mariadb-backup says: $(tail -n 1 "$copy_scratch/prepare.log")"
      return 1
    }
    # Where in the log it stands is what the last one says, whichever names of files the program knows.
    cp "$folder/mariadb_backup_binlog_info" "$base/" || return 1
    [[ ! -e $folder/.my-healthcheck.cnf ]] || mv "$folder/.my-healthcheck.cnf" "$base/" || return 1
    rm -rf "$folder"
  done
  mv -T "$base" "$directory"
}
