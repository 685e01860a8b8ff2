#!/usr/bin/perl
# rdb-time.pl FILE: the second at which the snapshot was begun. It stands at its beginning, among pairs of strings that
# each follow a byte FA; a number may be packed.
use strict;
use warnings;

open my $file, '<:raw', $ARGV[0] or die "$ARGV[0]: $!\n";
read $file, my $head, 4096;
$head =~ s/^(?:REDIS|VALKEY)\d+// or die "$ARGV[0] is no snapshot\n";

while ($head =~ s/^\xFA//) {
  my $name = text();
  my $value = text();
  next if $name ne 'ctime';
  $value =~ /^[1-9][0-9]{0,11}$/ or die "$ARGV[0]: its time is none\n";
  print "$value\n";
  exit;
}
die "$ARGV[0] has no time\n";

sub text {
  my $length = ord take(1);
  return unpack 'c', take(1) if $length == 0xC0;
  return unpack 's<', take(2) if $length == 0xC1;
  return unpack 'l<', take(4) if $length == 0xC2;
  return take($length) if $length < 64;
  return take(($length & 63) << 8 | ord take(1)) if $length < 128;
  die "$ARGV[0]: a string of an unknown kind\n";
}

sub take {
  my ($count) = @_;
  length $head >= $count or die "$ARGV[0] ends early\n";
  return substr $head, 0, $count, '';
}
