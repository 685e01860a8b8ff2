# shellcheck shell=bash
# The application's user of Redis or Valkey, for a minute: all that it can think of against the set. PROGRAM, SET (its
# name), APP_PASSWORD. What is in databases 0 to 2 stays: it is the application's own.
# shellcheck disable=SC2153
export REDISCLI_AUTH=$APP_PASSWORD
end=$((SECONDS + 60))
until_end() { ((SECONDS < end)); }
cli() { timeout 10 "$PROGRAM-cli" -e -t 2 -h "$SET-$1.$SET" --user app "${@:2}" >/dev/null 2>&1; }

# Names of ours, kept by clients that ask all the time, as those that leave do.
sign() { # ORDINAL NAME
  while until_end; do
    {
      echo "CLIENT SETNAME $2"
      for ((i = 0; i < 40; i++)); do echo PING && sleep 0.2; done
    } 2>/dev/null | cli "$1"
  done
}
for ordinal in 0 1 2; do
  for name in leaving-1 leaving-2 leaving-9 leaving-999 leaving-99999999999 stateful-ready stateful; do
    sign "$ordinal" "$name" &
  done
done

# What administers the server, changes our functions, or stops it.
# shellcheck disable=SC2016 # it is for a shell that evaluates it
evil='#!lua name=evil
redis.register_function{function_name="stateful_position",
  callback=function() return "7f 9 5 UID[$(id>/run/stateful/pwned)] RUN" end,
  flags={"no-writes", "allow-stale"}}
redis.register_function{function_name="stateful_history",
  callback=function() return "a[$(id>/run/stateful/pwned)] 1" end,
  flags={"no-writes", "allow-stale"}}'
forbidden() {
  while until_end; do
    for ordinal in 0 1 2; do
      cli "$ordinal" FUNCTION LOAD REPLACE '#!lua name=stateful
redis.register_function("nothing", function() return 1 end)'
      cli "$ordinal" FUNCTION LOAD REPLACE "$evil"
      cli "$ordinal" FUNCTION RESTORE '' FLUSH
      cli "$ordinal" EVAL 'return redis.call("FUNCTION", "FLUSH")' 0
      cli "$ordinal" EVAL 'return redis.pcall("CONFIG", "SET", "appendfsync", "no")' 0
      cli "$ordinal" MIGRATE 192.0.2.1 6379 e2e_none 9 60000
      while read -ra words; do cli "$ordinal" "${words[@]}"; done <<'END'
FUNCTION DELETE stateful
FUNCTION DELETE stateful_past
FUNCTION FLUSH SYNC
FUNCTION KILL
SCRIPT FLUSH SYNC
SCRIPT DEBUG SYNC
CONFIG SET min-replicas-to-write 1000
CONFIG SET maxclients 1
CONFIG SET appendonly no
CONFIG REWRITE
CONFIG GET masterauth
ACL SETUSER app +@all
ACL DELUSER replicator
ACL LOAD
ACL LIST
CLIENT KILL TYPE replica
CLIENT KILL USER stateful
CLIENT PAUSE 60000
CLIENT LIST
CLIENT NO-EVICT on
DEBUG SLEEP 60
DEBUG SEGFAULT
MODULE LOAD /tmp/evil.so
MONITOR
REPLICAOF NO ONE
REPLICAOF 192.0.2.1 6379
FAILOVER
SYNC
PSYNC ? -1
REPLCONF ip-address leaving-9
SHUTDOWN NOSAVE
SAVE
BGREWRITEAOF
SLOWLOG RESET
LATENCY RESET
CLUSTER RESET
SWAPDB 8 9
END
    done
  done
}
forbidden &

# A script that does not end, and then does, as its author says so; one that takes long all the time.
endless() {
  while until_end; do
    cli 0 EVAL 'local i = 0 while i < 20000000 do i = i + 1 end' 0
    sleep 5
    (until_end && cli 0 EVAL 'while true do end' 0) &
    sleep 4
    until cli 0 SCRIPT KILL || ! until_end; do sleep 0.5; done
    cli 0 SCRIPT KILL
    sleep 6
  done
  cli 0 SCRIPT KILL
}
endless &

# All connections there are, with and without a user, at each pod.
# shellcheck disable=SC2016 # it is perl's
connections='
use IO::Socket::IP;
my ($end, $host, @open) = (time + shift, shift);
while (time < $end) {
  for (1 .. 500) {
    my $socket = IO::Socket::IP->new(PeerHost => $host, PeerPort => 6379, Timeout => 1) or last;
    syswrite $socket, "AUTH app $ENV{APP_PASSWORD}\r\nBLPOP e2e_none 100\r\n" if $_ % 2;
    push @open, $socket;
  }
  select undef, undef, undef, 3;
  @open = () if @open > 3000;
}'
for ordinal in 0 1 2; do perl -e "$connections" 50 "$SET-$ordinal.$SET" 2>/dev/null & done

# Load, of many clients.
while until_end; do
  timeout 10 "$PROGRAM-benchmark" -h "$SET-primary" --user app -a "$APP_PASSWORD" --dbnum 3 \
    -c 40 -n 4000 -r 1000 -t set,lpush,lrange_100 -q >/dev/null 2>&1
  cli 0 -n 3 FLUSHDB
done
wait
until cli 0 PING; do
  cli 0 SCRIPT KILL
  sleep 0.5
done
exit 0
