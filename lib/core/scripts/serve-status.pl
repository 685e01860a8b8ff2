#!/usr/bin/perl
# serve-status.pl PORT LINE: tells everyone who connects LINE, at once. While a pod has no database it answers on the database's
# port, so that ordinal 0 can tell "holds nothing" (the line) from "holds data" (a database, which stays silent until it is
# spoken to) and both from "not there".
use strict;
use warnings;
use IO::Socket::IP;

my ($port, $line) = @ARGV;
my %options = (LocalPort => $port, Listen => 16, ReuseAddr => 1);
my $server = IO::Socket::IP->new(%options, LocalHost => '::', V6Only => 0) // IO::Socket::IP->new(%options, LocalHost => '0.0.0.0')
  or die "serve-status.pl: cannot listen on port $port: $!\n";
$SIG{TERM} = sub { exit 0 };
$SIG{PIPE} = 'IGNORE';
while (1) {
  my $client = $server->accept or next;
  print $client "$line\n";
  close $client;
}
