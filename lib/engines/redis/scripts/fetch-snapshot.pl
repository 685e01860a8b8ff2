#!/usr/bin/perl
# fetch-snapshot.pl HOST PORT USER VERSION FILE: the snapshot that a replica of VERSION would get of the server there,
# into FILE. The clients' `--rdb` tells no version: Valkey then takes an older format, which has no place for fields of
# a hash that expire, and gives nothing at all where there are some. REDISCLI_AUTH is the password. Gives up where
# nothing has come for five minutes: a large snapshot may be made on the source's disk first.
use strict;
use warnings;
use IO::Socket::IP;

my ($host, $port, $user, $version, $file) = @ARGV;
my $PATIENCE = 300;
$SIG{PIPE} = 'IGNORE';
my $socket = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Timeout => 3) or fail("cannot connect: $@");
open my $out, '>:raw', $file or fail("$file: $!");
my $buffer = '';

my $answer = ask('AUTH', $user, $ENV{REDISCLI_AUTH});
$answer eq '+OK' or fail("AUTH: $answer");
ask('REPLCONF', 'version', $version); # Redis knows no such thing, and needs none
for (['capa', 'eof'], ['rdb-only', '1']) {
  $answer = ask('REPLCONF', @$_);
  $answer eq '+OK' or fail("REPLCONF @$_: $answer");
}
$answer = ask('SYNC');
$answer = line() while $answer eq ''; # it says so much while it makes the snapshot
if ($answer =~ /^\$EOF:(.{40})$/s) {
  stream_until($1);
} elsif ($answer =~ /^\$([0-9]{1,18})$/) {
  stream($1);
} else {
  fail("SYNC: $answer");
}
close $out or fail("$file: $!");

sub fail { my ($why) = @_; $why =~ s/[^ -~]/?/g; die 'fetch-snapshot: ' . substr($why, 0, 300) . "\n" }

sub ask {
  my $sent = '*' . @_ . "\r\n" . join '', map { '$' . length($_) . "\r\n$_\r\n" } @_;
  (syswrite($socket, $sent) // 0) == length $sent or fail("cannot ask: $!");
  return line();
}
sub line {
  my $end;
  while (($end = index $buffer, "\n") < 0) {
    length $buffer < 4096 or fail('the answer is none');
    more();
  }
  my $line = substr $buffer, 0, $end + 1, '';
  $line =~ s/\r?\n$//;
  return $line;
}
sub more {
  my $ready = '';
  vec($ready, fileno $socket, 1) = 1;
  select $ready, undef, undef, $PATIENCE or fail("nothing has come for $PATIENCE s");
  sysread $socket, $buffer, 1 << 18, length $buffer
    or fail('the connection was closed before the snapshot was complete');
}
sub put {
  my ($count) = @_;
  print $out substr $buffer, 0, $count, '' or fail("$file: $!");
}
sub stream {
  my ($left) = @_;
  while ($left > 0) {
    length $buffer or more();
    my $count = length $buffer < $left ? length $buffer : $left;
    put($count);
    $left -= $count;
  }
}
# What comes last is the mark, and nothing after it before it was seen: the source sends no changes to one who wants the
# snapshot only.
sub stream_until {
  my ($mark) = @_;
  until (length $buffer >= 40 && substr($buffer, -40) eq $mark) {
    put(length($buffer) - 40) if length $buffer > 40;
    more();
  }
  put(length($buffer) - 40);
}
