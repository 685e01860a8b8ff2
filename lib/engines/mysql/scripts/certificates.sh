# shellcheck shell=bash
# How pods prove to one another who they are: by a certificate authority that each makes for itself of the replication password, and so all have the
# same. Nothing is stored for it, and nobody who does not know the password can make a certificate of it. What a handshake shows to strangers
# allows guesses, each of which takes as long as `stretched` does.
#
# All of it lies in memory, and is made again where the password has changed. Needs `state`, `credentials`; make_certificates common.sh too.

certificates=$state/certificates

# stretched: 64 hexadecimal digits of the password, slowly; written by make_certificates.
stretched() { cat "$certificates/stretched"; }

# renew_certificates: where the kubelet has brought another Secret meanwhile; `prepare` may wait for days.
renew_certificates() { if secret_has_changed; then make_certificates; fi; }

# shellcheck disable=SC2154 # common.sh has them
# make_certificates: each file is complete or as it was: other containers of the pod, and the server, read them.
make_certificates() {
  local password made salt
  password=$(printf 'stateful:%s' "$(<"$credentials/replication-password")" | sha256sum | cut -d' ' -f1) || return 1
  if [[ -e $certificates/made && $(<"$certificates/made") == "$password" ]]; then return 0; fi
  made=$(mktemp -d "$state/certificates-XXXXXX") && salt=$(printf '%s.%s' "$set_name" "$domain" | sha256sum) || return 1
  (
    umask 077
    cd "$made" || exit 1
    printf '%s\n' "$password" | openssl enc -aes-256-cbc -pbkdf2 -md sha256 -iter 600000 -S "${salt:0:16}" -P -pass stdin >derived || exit 1
    sed -n 's/^key=//p' derived >stretched
    [[ $(<stretched) =~ ^[0-9A-F]{64}$ ]] || exit 1
    certificate_authority && own_certificate || exit 1
    rm -f derived requested* index* serial* own.cnf ./*.old
    echo "$password" >made
  ) 2>"$made/complaint" || { log "the certificates could not be made: $(tail -n 1 "$made/complaint")"; rm -rf "$made"; return 1; }
  rm -f "$made/complaint"
  mkdir -p "$certificates" && rm -f "$certificates/made" || return 1
  # `made` goes last: it says that the others belong together
  mv "$made"/{stretched,ca.pem,server-key.pem,server.pem} "$certificates" && mv "$made/made" "$certificates" && rm -rf "$made"
}

# certificate_authority: a P-256 key whose number is a hash; its first bit is not set, so it is in range. The certificate's days are fixed: the
# clocks of nodes differ.
# shellcheck disable=SC2154 # common.sh has them
certificate_authority() {
  local number
  number=$(printf 'ca:%s' "$(<stretched)" | sha256sum) || return 1
  printf -v number '%x%s' $((16#${number:0:1} & 7)) "${number:1:63}"
  # shellcheck disable=SC2001,SC2059 # it is the format that makes bytes
  printf "$(sed 's/../\\x&/g' <<<"30310201010420${number}a00a06082a8648ce3d030107")" | openssl ec -inform DER -out ca-key.pem || return 1
  cat >own.cnf <<END
[ca]
default_ca = own
[own]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = names
unique_subject = no
[names]
commonName = supplied
[req]
distinguished_name = names_asked
[names_asked]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
authorityKeyIdentifier = keyid
subjectAltName = DNS:$pod.$domain, DNS:localhost
END
  : >index
  echo 01 >serial
  openssl req -config own.cnf -new -key ca-key.pem -subj /CN=stateful -out requested-ca.pem &&
    openssl ca -config own.cnf -batch -notext -selfsign -keyfile ca-key.pem -in requested-ca.pem -extensions authority \
      -startdate 20200101000000Z -enddate 21200101000000Z -out ca.pem
}

# own_certificate: of a key that is this pod's alone. RSA, as the server's own would be: so that every client that could connect still can.
own_certificate() {
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out server-key.pem &&
    openssl req -config own.cnf -new -key server-key.pem -subj "/CN=$pod" -out requested.pem &&
    openssl ca -config own.cnf -batch -notext -keyfile ca-key.pem -cert ca.pem -in requested.pem -extensions server \
      -startdate 20200101000000Z -enddate 21200101000000Z -out server.pem
}
