# shellcheck shell=bash
# The key of the set: by it pods know one another over SSH, both ways, and no one is told a password. It is made of the
# replication password, in every pod the same one, slowly (rclone's scrypt), as its public half can be seen by anyone
# who connects and could be tried against guesses.

# make_key PASSWORD FOLDER: `key`, and its public half as `authorized-keys` and `known-hosts`.
make_key() {
  local seed public
  rm -rf "$2" && mkdir -p "$2/nothing" || return 1
  seed=$(
    RCLONE_CONFIG_SEED_TYPE=crypt RCLONE_CONFIG_SEED_REMOTE=/nowhere \
      RCLONE_CONFIG_SEED_PASSWORD="$(printf '%s' "$1" | rclone obscure -)" \
      RCLONE_CONFIG_SEED_PASSWORD2="$(printf '%s' "$set_name" | rclone obscure -)" \
      rclone cryptdecode --reverse seed: "key of the pods" | sha256sum | cut -c -64
  )
  # PKCS #8: what comes before the 32 bytes of an Ed25519 key is always the same.
  {
    echo '-----BEGIN PRIVATE KEY-----'
    bytes "302e020100300506032b657004220420$seed" | base64
    echo '-----END PRIVATE KEY-----'
  } >"$2/key"
  public=$(public_half "$2") && [[ -n $public ]] || return 1
  public="ssh-ed25519 $(bytes "$public" | base64 | tr -d '\n')"
  echo "$public" >"$2/authorized-keys" && echo "[*]:$port $public" >"$2/known-hosts"
}

# public_half FOLDER: rclone computes it when it serves with the key, and every server shows it before anybody has
# logged in: in its answer to the first message of a key exchange, which is always the same here, as nothing is kept
# secret by it. No one else hears that server, and it serves nothing.
public_half() {
  local server address='' i=0
  RCLONE_USER=nobody RCLONE_PASS="$(cat /proc/sys/kernel/random/uuid)" \
    rclone serve sftp --addr 127.0.0.1:0 --authorized-keys '' --key "$1/key" "$1/nothing" >"$1/log" 2>&1 &
  server=$!
  while [[ -z $address ]] && ((i < 300)) && kill -0 "$server" 2>/dev/null; do
    pause 0.05
    address=$(sed -n 's/^.*listening on //p' "$1/log" | head -n 1)
    i=$((i + 1))
  done
  # A version, a packet of what is offered (curve25519-sha256, ssh-ed25519, aes128-ctr, hmac-sha2-256), and one with a
  # half of the exchange's own key.
  # shellcheck disable=SC2016 # it is perl's
  [[ -z $address ]] || {
    printf 'SSH-2.0-key\r\n'
    bytes "$(printf '%s' "0000009c0b14$zeros$(name curve25519-sha256)$(name ssh-ed25519)" \
      "$(name aes128-ctr)$(name aes128-ctr)$(name hmac-sha2-256)$(name hmac-sha2-256)$(name none)$(name none)" \
      0000000000000000 0000000000 "${zeros%??????????}" \
      0000002c061e0000002009 "$zeros${zeros%??}" 000000000000)"
  } | timeout 5 perl -MIO::Socket::IP -e '
    my $server = IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => $ARGV[1]) or die "$@\n";
    print $server <STDIN>; $server->flush; $server->shutdown(1); print <$server>' \
    "${address%:*}" "${address##*:}" |
    hex | grep -o '0000000b7373682d6564323535313900000020.\{64\}' | head -n 1
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
}
zeros=00000000000000000000000000000000
name() {
  printf '%08x' "${#1}"
  printf '%s' "$1" | hex
}
hex() { od -An -v -tx1 | tr -d ' \n'; }
bytes() {
  # shellcheck disable=SC2059 # it is made of escapes
  printf "$(printf '%s\n' "$1" | awk '
    function digit(c) { return index("0123456789abcdef", c) - 1 }
    {
      for (i = 1; i < length($0); i += 2)
        printf "\\%03o", 16 * digit(substr($0, i, 1)) + digit(substr($0, i + 1, 1))
    }')"
}
