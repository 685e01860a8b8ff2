# place-contents.pl FROM TO: of lines `MD5 PATH`, gives the content MD5 of the folder FROM to the file PATH in the
# folder TO. For the last that has it, it is moved there: so all of it is on the volume once. The others are copies of
# their own, as a file that is written to must not change another.
use strict;
use warnings;
my ($from, $to) = @ARGV;
my (@files, %left, %is_folder);
while (my $line = <STDIN>) {
  chomp $line;
  my ($sum, $path) = $line =~ /^([0-9a-f]{32}) (.+)\z/s or die "not a content and its path: $line\n";
  die "leads out of the folder: $path\n" if "/$path/" =~ m{/\.?\.?/};
  push @files, [$sum, $path];
  $left{$sum}++;
}

sub make_folders {
  my ($path) = @_;
  my ($over) = $path =~ m{^(.+)/[^/]+\z}s or return;
  return if $is_folder{$over}++;
  make_folders($over);
  mkdir "$to/$over" or die "$over: $!\n";
}

sub copy {
  my ($source, $target) = @_;
  open(my $in, '<:raw', $source) or die "$source: $!\n";
  open(my $out, '>:raw', $target) or die "$target: $!\n";
  while (1) {
    my $length = sysread $in, my $bytes, 1 << 20;
    die "$source: $!\n" unless defined $length;
    last if $length == 0;
    for (my $at = 0; $at < $length;) { $at += syswrite($out, $bytes, $length - $at, $at) // die "$target: $!\n"; }
  }
  close $out or die "$target: $!\n";
}

for my $file (@files) {
  my ($sum, $path) = @$file;
  make_folders($path);
  if (--$left{$sum}) { copy("$from/$sum", "$to/$path") } else { rename "$from/$sum", "$to/$path" or die "$path: $!\n" }
}
