# shellcheck shell=bash
# The keys of MariaDB's pods (password-keys.sh). One is derived from the password: by it they know each other where
# they give copies, and anyone who connects to that port is shown its public half, by which he can try passwords,
# slowly.
#
# The server's certificate is made with them, and is not secret: by itself the server would make an RSA key
# at each start, which takes seconds.

# shellcheck disable=SC2034 # for make_keys
key_files=(ca.pem own.pem server-key.pem server.pem)
# shellcheck disable=SC2154 # pod.sh has them
write_keys() {
  {
    printf 302e020100300506032b657004220420
    printf 'copy:%s' "$(<stretched)" | sha256sum | cut -d' ' -f1
  } | tr -d '\n' | perl -ne 'print pack "H*", $_' | openssl pkey -inform DER -out key.pem || return 1
  openssl req -new -x509 -key key.pem -subj /CN=stateful-copy-ca -days 36500 -out ca.pem || return 1
  openssl req -new -key key.pem -subj /CN=stateful-copy |
    openssl x509 -req -CA ca.pem -CAkey key.pem -days 36500 -set_serial 1 -out leaf.pem || return 1
  cat key.pem leaf.pem >own.pem
  openssl req -new -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server-key.pem \
    -subj "/CN=$pod" -days 36500 -out server.pem
}
