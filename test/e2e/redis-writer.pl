#!/usr/bin/perl
# redis-writer.pl HOST PORT: an application that writes some 40 times a second, in every way that one does, and connects anew by itself. It prints
# an id once all that belongs to it is acknowledged; the ids go on from the time of day, so none is used twice. What is written in several places
# counts only where all of them have it (redis-written.lua). Most is in database 2, where nothing else is. Passwords: APP_PASSWORD, and SUPERUSER_PASSWORD to load a function.
use strict;
use warnings;
use IO::Socket::IP;

my ($host, $port) = @ARGV;
$| = 1;
$SIG{PIPE} = 'IGNORE';
my $PATIENCE = 3;
my $ADD = q(redis.call('SADD', KEYS[1], ARGV[1]) redis.call('SADD', KEYS[2], ARGV[1]) return ARGV[1]);
my $LIBRARY = "#!lua name=e2e\nredis.register_function('e2e_add', function(KEYS, ARGV) $ADD end)";
my ($socket, $buffer, $sha, $index, %without);

# The kinds, in turns. Each gets an id, and dies where an answer is not what it must be.
my @KINDS = (
  [single => sub { is(ask('SADD', 'e2e_single', $_[0]), 1) }],
  [transaction => sub { transaction(map { ['SADD', "e2e_transaction_$_", $_[0]] } 1 .. 2) }],
  [script => sub { is(ask('EVAL', $ADD, 2, 'e2e_script_1', 'e2e_script_2', $_[0]), $_[0]) }],
  [watch => sub {
    is(ask('WATCH', 'e2e_watched'), 'OK');
    ask('GET', 'e2e_watched');
    transaction(['SET', 'e2e_watched', $_[0]], ['RPUSH', 'e2e_watch', $_[0]]);
  }],
  [function => sub { is(ask('FCALL', 'e2e_add', 2, 'e2e_function_1', 'e2e_function_2', $_[0]), $_[0]) }],
  [pipeline => sub {
    my ($id) = @_;
    my @answers = pipeline(map { ['SADD', "e2e_pipeline_$_", $id] } 1 .. 8);
    is($_, 1) for @answers;
  }],
  [stream => sub { ask('XADD', 'e2e_stream', '*', 'id', $_[0]) =~ /^\d+-\d+$/ or die "no entry\n" }],
  [blocking => sub { ask('RPUSH', 'e2e_queue', $_[0]); is(ask('BLMOVE', 'e2e_queue', 'e2e_blocking', 'RIGHT', 'LEFT', 1), $_[0]) }],
  [expiry => sub { is(ask('SET', "e2e_expiry:$_[0]", $_[0], 'PX', 5000), 'OK'); is(ask('PEXPIRE', "e2e_expiry:$_[0]", 3_600_000), 1) }],
  [batch => sub { is(ask('MSET', map { ("e2e_batch_$_:$_[0]", $_[0]) } 1 .. 3), 'OK') }],
  [prepared => sub { $sha //= ask('SCRIPT', 'LOAD', $ADD); is(ask('EVALSHA', $sha, 2, 'e2e_prepared_1', 'e2e_prepared_2', $_[0]), $_[0]) }],
  [renamed => sub { is(ask('HSET', 'e2e_new', 'id', $_[0]), 1); is(ask('RENAME', 'e2e_new', "e2e_renamed:$_[0]"), 'OK') }],
  [field => sub { is(ask('HSET', 'e2e_field', $_[0], 1), 1); is(ask('HPEXPIRE', 'e2e_field', 3_600_000, 'FIELDS', 1, $_[0])->[0], 1) }],
  [truncated => sub { # a database of its own, which is emptied, and then gets the id
    my ($id) = @_;
    my @answers = pipeline(['MULTI'], ['SELECT', 1], ['FLUSHDB'], ['SET', 'e2e_truncated', $id], ['SELECT', 2], ['SADD', 'e2e_truncated', $id], ['EXEC']);
    executed($answers[-1], 5);
  }],
  [scored => sub { is(ask('ZADD', 'e2e_scored', 1, $_[0]), 1) }],
  [json => sub { is(ask('JSON.SET', "e2e_json:$_[0]", '$', qq({"id":$_[0],"list":[1]})), 'OK'); ask('JSON.ARRAPPEND', "e2e_json:$_[0]", '$.list', 2) }],
  [index => sub { # of what is in database 0
    is(ask('SELECT', 0), 'OK');
    # Not again: a module may tell replicas also of what failed.
    $index ||= eval { ask('FT.INFO', 'e2e_index') } || ask('FT.CREATE', 'e2e_index', 'PREFIX', 1, 'e2e_indexed:', 'SCHEMA', 'id', 'NUMERIC');
    ask('HSET', 'e2e_indexed:1', $_[0], 1, 'id', $_[0]);
    is(ask('SELECT', 2), 'OK');
  }],
);
my $LARGE_EVERY = 60; # of 64 KiB, which is some 40 KiB a second
my $id = time * 1e6 + now() * 100 % 100 * 1e4;
for (my $n = 0; ; $n++) {
  my $begin = now();
  my ($name, $write) = @{$KINDS[$n % @KINDS]};
  ($name, $write) = (large => \&large) if $n % $LARGE_EVERY == 7;
  $id++;
  next if $without{$name};
  if (eval { connected(); $write->($id); 1 }) {
    print "$id\n";
  } elsif ($@ =~ /unknown command|unknown subcommand/i) {
    $without{$name} = 1; # of a module, or of a later version
    eval { ask('SELECT', 2) };
  } else {
    undef $socket; # what was answered to what is not known any more
    undef $sha;
    pause(0.05);
  }
  pause(0.025 - (now() - $begin));
}

# The image's perl has no Time::HiRes.
sub now { open my $file, '<', '/proc/uptime' or die "$!\n"; return (split ' ', <$file>)[0] }
sub pause { my ($seconds) = @_; select undef, undef, undef, $seconds if $seconds > 0 }

sub large { is(ask('SET', "e2e_large:$_[0]", $_[0] x 4096), 'OK') }
sub transaction {
  my @answers = pipeline(['MULTI'], @_, ['EXEC']);
  executed($answers[-1], scalar @_);
}
sub executed {
  my ($answers, $count) = @_;
  ref $answers eq 'ARRAY' && @$answers == $count && !grep { ref $_ eq 'SCALAR' } @$answers or die "no transaction\n";
}
sub is { my ($answer, $expected) = @_; defined $answer && $answer eq $expected or die 'not ' . $expected . "\n" }

sub connected {
  return if $socket;
  login('superuser', $ENV{SUPERUSER_PASSWORD});
  my $now = eval { ask('FUNCTION', 'LOAD', $LIBRARY) };
  defined $now or $@ =~ /already exists/ or die $@;
  login('app', $ENV{APP_PASSWORD});
  is(ask('SELECT', 2), 'OK');
}
sub login {
  $socket = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Timeout => 2) or die "not there\n";
  $socket->autoflush(1);
  $buffer = '';
  is(ask('AUTH', @_), 'OK');
}

# ask WORD...: one command, and its answer. Dies of an error.
sub ask { (pipeline([@_]))[0] }
sub pipeline {
  my $sent = join '', map { my @words = @$_; '*' . @words . "\r\n" . join '', map { '$' . length($_) . "\r\n$_\r\n" } @words } @_;
  while (length $sent) {
    my $count = syswrite $socket, $sent;
    defined $count or die "gone\n";
    substr $sent, 0, $count, '';
  }
  my @answers = map { answer() } @_;
  for (@answers) { die $$_ . "\n" if ref $_ eq 'SCALAR' }
  return @answers;
}
sub answer {
  my $line = line();
  my ($kind, $rest) = (substr($line, 0, 1), substr $line, 1);
  return $rest if $kind eq '+' || $kind eq ':';
  return \$rest if $kind eq '-';
  return undef if $rest < 0;
  return bytes($rest) if $kind eq '$';
  return [map { answer() } 1 .. $rest] if $kind eq '*';
  die "no answer\n";
}
sub line {
  my $end;
  more() while ($end = index $buffer, "\r\n") < 0;
  my $line = substr $buffer, 0, $end;
  substr $buffer, 0, $end + 2, '';
  return $line;
}
sub bytes {
  my ($count) = @_;
  more() while length $buffer < $count + 2;
  my $bytes = substr $buffer, 0, $count;
  substr $buffer, 0, $count + 2, '';
  return $bytes;
}
sub more {
  my $ready = '';
  vec($ready, fileno $socket, 1) = 1;
  select $ready, undef, undef, $PATIENCE or die "silent\n";
  sysread $socket, $buffer, 65536, length $buffer or die "gone\n";
}
