# keep-contents.pl FROM TO: of lines `MD5 PATH`, moves each file PATH of the folder FROM to TO, under the name MD5.
use strict;
use warnings;
my ($from, $to) = @ARGV;
while (my $line = <STDIN>) {
  chomp $line;
  my ($sum, $path) = $line =~ /^([0-9a-f]{32}) (.+)\z/s or die "not a content and its path: $line\n";
  rename "$from/$path", "$to/$sum" or die "$path: $!\n";
}
