# shellcheck shell=sh disable=SC3043
# The functions of lib/scripts/tools.sh for a shell that is not bash, as an engine whose image has none brings them.

# Other shells number no descriptors by themselves, and take none of two digits.
lock_descriptor=6
try_lock() {
  lock_descriptor=$((lock_descriptor + 1))
  eval "exec $lock_descriptor>\"\$1\""
  flock -n "$lock_descriptor"
}
wait_lock() { core_run_interruptible flock "$lock_descriptor"; }
await_unlocked() { flock "$1" true; }

serve_status() { exec perl "$scripts/serve-status.pl" "$port" "$1"; }
probe_peer() {
  # shellcheck disable=SC2016
  timeout 3 perl -MIO::Socket::IP -e 'my $s = IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => $ARGV[1], Timeout => 1) or exit 1;
    $SIG{ALRM} = sub { print "connected \n"; exit 0 }; alarm 1; my $line = <$s>; exit 1 unless defined $line; print "connected $line"' "$1" "$port" 2>/dev/null
}
await_port() {
  until perl -MIO::Socket::IP -e 'exit !IO::Socket::IP->new(PeerHost => "127.0.0.1", PeerPort => $ARGV[0])' "$port"; do pause 0.1; done
}
