#!/usr/bin/perl
# log-scan.pl FILE FROM TO SOFT UNTIL: how far the append-only file is whole, from the byte FROM, where a command
# begins, to the byte TO. Prints `END WHY LAST`: up to END are whole commands and whole transactions, and LAST is the
# last second that is noted there, 0 if none. WHY the reading ended:
#
#   full     SOFT bytes were passed (0: never)
#   until    at END a second is noted that is UNTIL or later (0: never)
#   end      END is TO
#   open     a command or a transaction is not complete
#   damaged  what follows END is no command
#
# A second is noted before the first command of it (`#TS:`). One inside a transaction is that of all of it.
use strict;
use warnings;

my ($path, $from, $to, $soft, $until) = @ARGV;
my $BLOCK = 1 << 20;
open my $file, '<:raw', $path or die "$path: $!\n";
my ($buffer, $first, $at) = ('', $from, 0); # the buffer's first byte is at `first`, and `at` of it were read
seek $file, $from, 0 or die "$path: $!\n";
my ($end, $last, $noted, $in, $why) = ($from, 0, 0, 0, '');

until ($why) {
  if ($first + $at >= $to) {
    $why = $in ? 'open' : 'end';
  } elsif (!defined(my $line = line())) {
    $why = 'open';
  } elsif ($line =~ /^#/) {
    if ($line =~ /^#TS:([0-9]{1,15})\r?$/) {
      if ($until && $1 >= $until) { $why = 'until'; last }
      $noted = $1;
    }
    passed();
  } elsif ($line =~ /^\*([1-9][0-9]{0,8})\r$/) {
    my $command = command($1);
    if (!defined $command) { $why ||= 'open'; last }
    if (!$in && $command eq 'multi') { $in = 1 } elsif ($in && $command eq 'exec') { $in = 0 }
    passed();
  } else {
    $why = 'damaged';
  }
}
print "$end $why $last\n";

sub passed {
  return if $in;
  ($end, $last) = ($first + $at, $noted);
  $why = 'full' if $soft && $end - $from >= $soft;
}

# command COUNT: reads so many texts; gives the first in lower case, where it is short.
sub command {
  my ($count) = @_;
  my $name;
  for (1 .. $count) {
    my $line = line();
    return unless defined $line;
    if ($line !~ /^\$([0-9]{1,12})\r$/) { $why = 'damaged'; return }
    my $text = pass($1 + 2, !defined $name && $1 < 16);
    return unless defined $text;
    $name //= lc $text;
  }
  return $name =~ s/\r\n$//r;
}

# line: without its end; undef where it has none yet.
sub line {
  my $newline = index $buffer, "\n", $at;
  if ($newline < 0) {
    more();
    $newline = index $buffer, "\n", $at;
    return if $newline < 0;
  }
  return if $first + $newline >= $to;
  my $line = substr $buffer, $at, $newline - $at;
  $at = $newline + 1;
  return $line;
}

# pass LENGTH KEEP: passes so many bytes; gives them, or nothing of them, and undef where they are not all there.
sub pass {
  my ($length, $keep) = @_;
  return if $first + $at + $length > $to;
  more() if $keep && $at + $length > length $buffer;
  if ($at + $length > length $buffer) { # a large one is not read
    ($buffer, $first, $at) = ('', $first + $at + $length, 0);
    seek $file, $first, 0 or die "$path: $!\n";
    return '';
  }
  my $text = $keep ? substr $buffer, $at, $length : '';
  $at += $length;
  return $text;
}

sub more {
  substr $buffer, 0, $at, '';
  $first += $at;
  $at = 0;
  seek $file, $first + length $buffer, 0 or die "$path: $!\n";
  defined read $file, $buffer, $BLOCK, length $buffer or die "$path: $!\n";
}
