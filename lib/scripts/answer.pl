#!/usr/bin/perl
# answer.pl PORT LINE: tells everyone who connects LINE, at once. While a pod has no database it answers on the database's
# port, so that ordinal 0 can tell "holds nothing" (the line) from "holds data" (a database, which stays silent until it is
# spoken to) and both from "not there". Started with its output to a pipe, it ends when its reader does.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Select;

my ($port, $line) = @ARGV;
my $server = IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => $port, Listen => 16, ReuseAddr => 1)
  or die "answer.pl: cannot listen on port $port: $!\n";
$SIG{TERM} = sub { exit 0 };
$SIG{PIPE} = 'IGNORE';
while (1) {
  my $client = $server->accept or next;
  print $client "$line\n";
  close $client;
}
