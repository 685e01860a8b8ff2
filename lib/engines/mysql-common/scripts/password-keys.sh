# shellcheck shell=bash
# What the pods of a set derive from the replication password, and so all have in common: the certificates by which they
# authenticate each other, and the password that replicas follow with. Nothing is stored for it, and it cannot be made
# without the password. What a handshake shows to strangers allows guesses, each of which takes as long as `stretched`
# does.
#
# All of it lies in memory, and is made again where the password has changed. Needs `state`; make_keys pod.sh and
# secret.sh too, and of the engine `write_keys`, which writes the files `key_files` into the folder it is called in,
# where `stretched` is.

certificates=$state/certificates

# stretched: 64 hexadecimal digits of the password, slowly; written by make_keys.
stretched() { cat "$certificates/stretched"; }

# follower_password: as long as the database takes one from a replica (`follower_secret_length`), which the Secret's may
# not be, and not the Secret's: what a replica keeps of it must not be that.
# shellcheck disable=SC2154 # the engine has the length
follower_password() {
  local secret hash
  secret=$(stretched) &&
    hash=$(printf 'follower:%s' "$secret" | sha256sum) &&
    printf '%s' "${hash:0:follower_secret_length}"
}

# renew_keys: where the kubelet has brought another Secret meanwhile; `prepare` may wait for days.
renew_keys() { if core_secret_has_changed; then make_keys; fi; }

# make_keys: each file is complete or as it was: other containers of the pod, and the server, read them. `made` goes
# last, and says that the others belong together, and of which password they are.
# shellcheck disable=SC2154 # pod.sh and the engine have them
make_keys() {
  local password made salt
  password=$(printf 'stateful:%s' "$(<"$credentials/replication-password")" | sha256sum | cut -d' ' -f1) || return 1
  if [[ -e $certificates/made && $(<"$certificates/made") == "$password" ]]; then return 0; fi
  made=$(mktemp -d "$state/keys-XXXXXX") && salt=$(printf '%s.%s' "$set_name" "$domain" | sha256sum) || return 1
  (
    umask 077
    cd "$made" || exit 1
    printf '%s\n' "$password" |
      openssl enc -aes-256-cbc -pbkdf2 -md sha256 -iter 600000 -S "${salt:0:16}" -P -pass stdin >derived || exit 1
    sed -n 's/^key=//p' derived >stretched
    [[ $(<stretched) =~ ^[0-9A-F]{64}$ ]] && write_keys || exit 1
    echo "$password" >made
  ) 2>"$made/complaint" || {
    log "could not create the certificates: $(tail -n 1 "$made/complaint")"
    rm -rf "$made"
    return 1
  }
  mkdir -p "$certificates" &&
    rm -f "$certificates/made" &&
    mv "$made/stretched" "${key_files[@]/#/$made/}" "$certificates" &&
    mv "$made/made" "$certificates" &&
    rm -rf "$made"
}
