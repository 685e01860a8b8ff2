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

sub write_to { # as it is, without a rename; flushed
  my ($path, $mode, $content) = @_;
  open(my $file, $mode, $path) or die "$path: $!\n";
  print $file $content;
  $file->flush && $file->sync or die "$path: $!\n";
  close $file or die "$path: $!\n";
}

# What applications do with files, one kind after the other: each leaves the number for good when it has been acknowledged, where `ids` finds it.
my @kinds = (
  sub { my ($id) = @_; put("e2e_writes/$id", $id, 1); },
  sub { my ($id) = @_; write_to("e2e_writes/$id", '>', $id); flush_folder('e2e_writes'); },
  # Four lines to a file: then that rests, and can be copied.
  sub { my ($id) = @_; make('e2e_log'); write_to('e2e_log/' . int($id / 48), '>>', "$id\n"); flush_folder('e2e_log'); },
  sub { my ($id) = @_; write_to("e2e_writes/.$id", '>', $id); link("e2e_writes/.$id", "e2e_writes/$id") && unlink("e2e_writes/.$id") or die "$id: $!\n"; flush_folder('e2e_writes'); },
  sub { my ($id) = @_; symlink("to/$id", "e2e_writes/$id") or die "$id: $!\n"; flush_folder('e2e_writes'); },
  sub { # truncated
    my ($id) = @_;
    write_to("e2e_writes/$id", '>', "$id and more");
    open(my $file, '+<', "e2e_writes/$id") or die "$id: $!\n";
    truncate($file, length $id) && $file->sync or die "$id: $!\n";
    flush_folder('e2e_writes');
  },
  sub { # changed in the middle
    my ($id) = @_;
    write_to("e2e_writes/$id", '>', '0' x length $id);
    open(my $file, '+<', "e2e_writes/$id") or die "$id: $!\n";
    for my $at (reverse 0 .. length($id) - 1) { sysseek($file, $at, 0) && syswrite($file, substr($id, $at, 1)) or die "$id: $!\n"; }
    $file->sync or die "$id: $!\n";
    flush_folder('e2e_writes');
  },
  sub { my ($id) = @_; put("e2e_writes/$id", 'former', 1); unlink("e2e_writes/$id") or die "$id: $!\n"; put("e2e_writes/$id", $id, 1); },
  sub { my ($id) = @_; put("e2e_writes/$id", $id, 1); chmod(0600, "e2e_writes/$id") && chmod(0640, "e2e_writes/$id") or die "$id: $!\n"; },
  sub { # a folder that is renamed when it is complete
    my ($id) = @_;
    make('e2e_folders');
    mkdir "e2e_folders/.$id" or die "$id: $!\n";
    put("e2e_folders/.$id/$id", $id, 1);
    rename("e2e_folders/.$id", "e2e_folders/$id") or die "$id: $!\n";
    flush_folder('e2e_folders');
  },
  sub { my ($id) = @_; put("e2e_writes/$id", $id . '.' x (64 << 10), 1); },
  sub { # several small ones, in a folder that others see grow
    my ($id) = @_;
    make('e2e_folders');
    mkdir "e2e_folders/$id" or die "$id: $!\n";
    put("e2e_folders/$id/$_", $_, 1) for 1 .. 4, $id;
    flush_folder('e2e_folders');
  },
);
# The numbers that are there, whole: what is only part of a file counts as lost.
sub ids {
  my @ids;
  for my $id (grep { /^\d+$/ } names('e2e_writes')) {
    my $path = "e2e_writes/$id";
    push @ids, $id if -l $path ? readlink $path eq "to/$id" : -f $path && (-s _ == length($id) + (64 << 10) || content($path) eq $id);
  }
  if (-d 'e2e_folders') { push @ids, grep { /^\d+$/ && -f "e2e_folders/$_/$_" && content("e2e_folders/$_/$_") eq $_ } names('e2e_folders'); }
  if (-d 'e2e_log') { push @ids, grep { /^\d+$/ } map { split /\n/, content("e2e_log/$_") } names('e2e_log'); }
  return @ids;
}

# All that it can think of against the set, for a minute, as its own user in its own container, and in a folder of its own.
sub attack {
  make('attack');
  my @secrets = glob '/run/secrets/stateful/* /run/stateful/* /stateful/current/published/* /stateful/lock';
  my $end = time + 55;
  my $turn = 0;
  while (time < $end) {
    $turn++;
    # The volume and what the pods say of themselves, which it sees or guesses.
    for my $path ('/stateful/current/published/position', '/stateful/current/published/manifest', '/stateful/current/published/new', '/stateful/current/pending', '/stateful/lock',
      '/data/../published/position', '/run/stateful/stop', '/run/stateful/signs/leaving', @secrets) {
      if (open(my $file, '>', $path)) { print $file "a[\$(id)] 999999 x\n"; close $file; }
      unlink $path;
      symlink $path, "attack/" . ($path =~ s/\W/_/gr) . $turn;
      link $path, "attack/" . ($path =~ s/\W/_/gr) . "hard$turn";
    }
    chmod 0777, '/data', '/stateful/current'; rename '/data', '/data-away'; rename '.', '../away';
    # Files that are pipes and folders that are links while they are read, and back again.
    for (1 .. 50) {
      write_to('attack/flip', '>', noise(10)); rename 'attack/flip', 'attack/flipped'; unlink 'attack/flipped'; system 'mkfifo', 'attack/flipped'; unlink 'attack/flipped';
      mkdir 'attack/d'; write_to('attack/d/replication-password', '>', 'x'); rename 'attack/d', "attack/e$turn"; symlink '/run/secrets/stateful', 'attack/d'; unlink 'attack/d'; system 'rm', '-rf', "attack/e$turn";
    }
    # Names and targets that break scripts.
    for my $name ('a\tb', "a\tb", "a\nf 644 1:1:1:1 - ../../x", '-rf', '$(touch x)', '`id`', '/57', "x'\"", "\xff\xfe", ' ', '. .', 'f 644 1 - a', 'x' x 250) {
      next if $name =~ m{/};
      if (open(my $file, '>', "attack/$name")) { print $file $name; close $file; }
      symlink "../../$name\t/..", "attack/link-" . unpack('H*', substr $name, 0, 20) . $turn;
    }
    # Ten thousand renames, and a file that never rests.
    for (1 .. 10_000) { rename 'attack/never', 'attack/ever'; rename 'attack/ever', 'attack/never'; last if time >= $end; }
    write_to('attack/never', '>>', noise(1000));
    write_to('attack/large', '>', noise(1 << 20)) for 1 .. 5;
    mkdir 'attack/closed'; chmod 0, 'attack/closed'; chmod 0700, 'attack/closed';
    system 'chmod -R u+rwX attack; rm -rf attack/*; find attack -mindepth 1 -delete 2>/dev/null' if $turn % 3 == 0;
  }
  system 'chmod -R u+rwX attack; rm -rf attack';
}

my %commands = (
  WRITE => sub { my ($id) = @_; make('e2e_writes'); $kinds[$id % @kinds]->($id); return; },
  ATTACK => sub { attack(); return; },
  IDS => sub { return join "\n", ids(); },
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
  # So many bytes of published changes, by a folder that is renamed. Each rename is waited for: one that is taken back before anybody looked changes nothing.
  CHURN => sub {
    my ($bytes) = @_;
    my ($from, $to) = qw(tree churned);
    my $end = time + 90;
    my ($seen) = content('/stateful/current/published/position') =~ / (\d+) /;
    while ($bytes > 0 || $from ne 'tree') {
      rename $from, $to or die "$from: $!\n";
      my $published;
      until ($published) {
        die "$bytes bytes are left after 90 s\n" if time > $end;
        for my $mark (sort { $a <=> $b } grep { $_ > $seen } map { m{/(\d+)/changes$} } glob '/stateful/current/published/[0-9]*/changes') {
          my $changes = eval { content("/stateful/current/published/$mark/changes") } // next;
          $seen = $mark;
          $bytes -= length $changes;
          $published ||= $changes =~ /^- \Q$from\E$/m;
        }
        select undef, undef, undef, 0.05;
      }
      ($from, $to) = ($to, $from);
    }
  },
  CHANGES => sub { my $sum = 0; for (glob '/stateful/current/published/[0-9]*/changes') { $sum += -s $_ // 0; } return $sum; },
  COUNT => sub { return scalar ids(); },
  # All that is there, but for what a writer is at.
  SUM => sub {
    require Digest::SHA;
    my ($sum, $files) = (Digest::SHA->new(256), 0);
    walk('.', sub {
      my ($path) = @_;
      return if $path =~ m{^(e2e_(writes|folders|log|role|other)|attack)\b};
      my $what = -l $path ? 'link ' . readlink $path : -d $path ? 'folder' : (-x $path ? 'program ' : 'file ') . Digest::SHA::sha256_hex(content($path));
      $files++;
      $sum->add("$path\n$what\n");
    });
    return "$files entries, " . $sum->hexdigest;
  },
);

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
