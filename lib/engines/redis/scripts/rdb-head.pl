#!/usr/bin/perl
# rdb-head.pl FILE NAME...: what a snapshot says of itself, `repl-id`, `repl-offset` or `ctime` say, in a line. It
# stands at its beginning, in pairs of strings that each follow a byte FA; a number may be packed.
use strict;
use warnings;

my ($path, @names) = @ARGV;
open my $file, '<:raw', $path or die "$path: $!\n";
read $file, my $head, 4096;
$head =~ s/^(?:REDIS|VALKEY)\d+// or die "$path is no snapshot\n";

my %has;
while ((grep { !defined $has{$_} } @names) && $head =~ s/^\xFA//) {
  my $name = text();
  $has{$name} = text();
}
for my $name (@names) {
  defined $has{$name} or die "$path has no $name\n";
}
print "@has{@names}\n";

sub text {
  my $length = ord take(1);
  return unpack 'c', take(1) if $length == 0xC0;
  return unpack 's<', take(2) if $length == 0xC1;
  return unpack 'l<', take(4) if $length == 0xC2;
  return take($length) if $length < 64;
  return take(($length & 63) << 8 | ord take(1)) if $length < 128;
  die "$path: a string of an unknown kind\n";
}

sub take {
  my ($count) = @_;
  length $head >= $count or die "$path ends early\n";
  return substr $head, 0, $count, '';
}
