# The application under test of `ReplicatedFiles`: keeps plain files in /data as a careful one does (written aside, flushed, renamed), and answers
# one command a line with lines and a last one, `OK` or `ERR reason`. /stateful is the volume, to read.
use strict;
use warnings;
use IO::Handle;
use IO::Socket::IP;

my $root = '/data';
chdir $root or die "$root: $!\n";
umask 022;
my $server = IO::Socket::IP->new(LocalPort => 8080, Listen => 64, ReuseAddr => 1, LocalHost => '::', V6Only => 0)
  // IO::Socket::IP->new(LocalPort => 8080, Listen => 64, ReuseAddr => 1, LocalHost => '0.0.0.0') or die "cannot listen: $!\n";
$SIG{TERM} = $SIG{INT} = sub { exit 0 }; # the image's stop signal is INT
$SIG{CHLD} = 'IGNORE';

sub flush_folder { my ($path) = @_; opendir(my $folder, $path) or die "$path: $!\n"; open(my $handle, '<', $path) or die "$path: $!\n"; $handle->sync; }
sub put {
  my ($path, $content, $flush) = @_;
  my ($folder, $name) = $path =~ m{^(?:(.*)/)?([^/]+)$};
  $folder //= '.';
  open(my $file, '>', "$folder/.$name.new") or die "$path: $!\n";
  print $file $content;
  $file->flush && (!$flush || $file->sync) or die "$path: $!\n";
  close $file or die "$path: $!\n";
  rename("$folder/.$name.new", $path) or die "$path: $!\n";
  flush_folder($folder) if $flush;
}
sub make { my ($path) = @_; -d $path or mkdir $path or die "$path: $!\n"; }
sub names { my ($path) = @_; opendir(my $folder, $path) or die "$path: $!\n"; return sort grep { !/^\.\.?$/ } readdir $folder; }
sub content { my ($path) = @_; open(my $file, '<', $path) or die "$path: $!\n"; local $/; my $all = <$file>; return $all // ''; }
sub walk { # calls the code with each path, a folder before what is in it
  my ($path, $code) = @_;
  for my $name (names($path)) { my $below = $path eq '.' ? $name : "$path/$name"; $code->($below); walk($below, $code) if -d $below && !-l $below; }
}
sub noise { open(my $random, '<:raw', '/dev/urandom') or die; read $random, my $bytes, $_[0]; return $bytes; }

my %commands = (
  PUT => sub { my ($path, $text) = @_; put($path, $text, 1); return; },
  ROLE => sub { return eval { put('e2e_role', time, 0); 1 } ? 'primary' : $@ =~ /Permission denied/ ? 'replica' : die $@; },
  POSITION => sub { return (split /\n/, content('/stateful/current/published/position'))[0]; },
  # As many files as the promise of two seconds is for.
  LOAD => sub { make('e2e_writes'); make('tree'); for my $folder (0 .. 99) { make("tree/$folder"); put("tree/$folder/$_", noise(1 + int rand 2000), 0) for 0 .. 99; } },
  # Changes of every kind.
  CHANGE => sub {
    my $mark = time;
    put("tree/0/$_", noise(100), 0) for 0 .. 9;                                                   # replaced
    open(my $file, '>>', 'tree/1/1') or die $!; print $file "more $mark\n"; close $file;            # written in place
    unlink "tree/2/$_" for 0 .. 9;
    rename 'tree/3', "tree/renamed-$mark" or die "tree/3: $!\n";                                    # with its hundred files
    make('tree/3');
    rename "tree/4/$_", "tree/3/$_ $mark" for 0 .. 9;
    make("tree/new-$mark"); put("tree/new-$mark/it's a \"name\" \$x é", "text\n", 0);
    symlink '../5/1', "tree/new-$mark/link" or die $!;
    chmod 0755, 'tree/5/1' or die $!;
    unlink 'tree/6/1'; mkdir 'tree/6/1' or die $!;                                                  # a folder in place of a file
  },
  GROW => sub { my ($bytes) = @_; make('ballast'); for (my $left = $bytes; $left > 0; $left -= 4 << 20) { put('ballast/' . time . "-$left", noise(4 << 20), 0); } },
  SHRINK => sub { unlink "ballast/$_" for names('ballast'); },
  # So many bytes of published changes. Each is counted as it is published: a rename is in two steps, or not at all where it is taken back before.
  CHURN => sub {
    my ($bytes) = @_;
    my ($from, $to) = qw(tree churned);
    my $end = time + 90;
    while ($bytes > 0 || $from ne 'tree') {
      die "$bytes bytes are left after 90 s\n" if time > $end;
      my ($before, $position) = $commands::position->();
      rename $from, $to or die "$from: $!\n";
      ($from, $to) = ($to, $from);
      for (1 .. 100) { last if ($position = $commands::position->()) ne $before; select undef, undef, undef, 0.05; }
      next if $position eq $before;
      my (undef, $mark) = split ' ', $position;
      $bytes -= -s "/stateful/current/published/$mark/changes" // 0;
    }
  },
  CHANGES => sub { my $sum = 0; for (glob '/stateful/current/published/[0-9]*/changes') { $sum += -s $_ // 0; } return $sum; },
  COUNT => sub { return scalar grep { /^\d+$/ } names($_[0]); },
  LIST => sub { return join "\n", grep { /^\d+$/ } names($_[0]); },
  # All that is there, but for what a writer is at.
  SUM => sub {
    require Digest::SHA;
    my ($sum, $files) = (Digest::SHA->new(256), 0);
    walk('.', sub {
      my ($path) = @_;
      return if $path =~ m{^e2e_(writes/|role|other)};
      my $what = -l $path ? 'link ' . readlink $path : -d $path ? 'folder' : (-x $path ? 'program ' : 'file ') . Digest::SHA::sha256_hex(content($path));
      $files++;
      $sum->add("$path\n$what\n");
    });
    return "$files entries, " . $sum->hexdigest;
  },
);
$commands::position = $commands{POSITION};

while (1) {
  my $client = $server->accept or next;
  next if fork;
  $SIG{TERM} = 'DEFAULT';
  while (my $line = <$client>) {
    chomp $line;
    my ($command, @words) = split / /, $line, 3;
    my $answer = eval { ($commands{$command} // die "no such command: $command\n")->(@words) };
    if ($@) { print $client "ERR $@"; } else { $answer //= ''; print $client length $answer && $answer !~ /^\d+\z/ ? "$answer\nOK\n" : "OK $answer\n"; }
    $client->flush;
  }
  exit 0;
}
