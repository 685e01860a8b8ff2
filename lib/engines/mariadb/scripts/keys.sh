# shellcheck shell=bash
# Keys by which the pods of a set know one another: derived from the replication password, so nothing is stored for them. Whoever connects to the port of
# copies is shown a public key, by which he can try passwords: each try takes as long as `derived` below. All of it lies in memory, and is made
# again where the password has changed.
#
# The server's certificate is made with them, and is nobody's secret to know: by itself the server would make an RSA key at each start, which takes seconds.

# make_keys: each file is complete or as it was; `made` goes last, and says that the others belong together.
make_keys() {
  local password made salt
  password=$(printf 'stateful:%s' "$(<"$credentials/replication-password")" | sha256sum | cut -d' ' -f1) || return 1
  if [[ -e $certificates/made && $(<"$certificates/made") == "$password" ]]; then return 0; fi
  made=$(mktemp -d "$state/keys-XXXXXX") && salt=$(printf '%s.%s' "$set_name" "$domain" | sha256sum) || return 1
  (
    umask 077
    cd "$made" || exit 1
    printf '%s\n' "$password" | openssl enc -aes-256-cbc -pbkdf2 -md sha256 -iter 600000 -S "${salt:0:16}" -P -pass stdin >derived || exit 1
    sed -n 's/^key=//p' derived >stretched
    [[ $(<stretched) =~ ^[0-9A-F]{64}$ ]] || exit 1
    {
      printf 302e020100300506032b657004220420
      printf 'copy:%s' "$(<stretched)" | sha256sum | cut -d' ' -f1
    } | tr -d '\n' | perl -ne 'print pack "H*", $_' | openssl pkey -inform DER -out key.pem || exit 1
    openssl req -new -x509 -key key.pem -subj /CN=stateful-copy-ca -days 36500 -out ca.pem || exit 1
    openssl req -new -key key.pem -subj /CN=stateful-copy | openssl x509 -req -CA ca.pem -CAkey key.pem -days 36500 -set_serial 1 -out leaf.pem || exit 1
    cat key.pem leaf.pem >own.pem
    openssl req -new -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server-key.pem -subj "/CN=$pod" -days 36500 -out server.pem || exit 1
    echo "$password" >made
  ) 2>"$made/complaint" || { log "the keys of copies could not be made: $(tail -n 1 "$made/complaint")"; rm -rf "$made"; return 1; }
  mkdir -p "$certificates" && rm -f "$certificates/made" && mv "$made"/{stretched,ca.pem,own.pem,server-key.pem,server.pem} "$certificates" && mv "$made/made" "$certificates" && rm -rf "$made"
}
