# shellcheck shell=bash
# The certificates of MySQL's pods: of an authority that each makes for itself of what the password was stretched to,
# and so all have the same (password-keys.sh).

# shellcheck disable=SC2034 # for make_keys
key_files=(ca.pem server-key.pem server.pem)
write_keys() { certificate_authority && pod_certificate; }

# certificate_authority: a P-256 key whose number is a hash; its first bit is not set, so it is in range. The
# certificate's days are fixed: the clocks of nodes differ.
# shellcheck disable=SC2154 # pod.sh has them
certificate_authority() {
  local number
  number=$(printf 'ca:%s' "$(<stretched)" | sha256sum) || return 1
  printf -v number '%x%s' $((16#${number:0:1} & 7)) "${number:1:63}"
  # shellcheck disable=SC2001,SC2059 # it is the format that makes bytes
  printf "$(sed 's/../\\x&/g' <<<"30310201010420${number}a00a06082a8648ce3d030107")" |
    openssl ec -inform DER -out ca-key.pem || return 1
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

# pod_certificate: of a key that is this pod's alone. RSA, as the server's own would be: so that every client that could
# connect still can.
pod_certificate() {
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out server-key.pem &&
    openssl req -config own.cnf -new -key server-key.pem -subj "/CN=$pod" -out requested.pem &&
    openssl ca -config own.cnf -batch -notext -keyfile ca-key.pem -cert ca.pem -in requested.pem -extensions server \
      -startdate 20200101000000Z -enddate 21200101000000Z -out server.pem
}
