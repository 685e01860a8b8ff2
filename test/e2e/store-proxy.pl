#!/usr/bin/perl
# store-proxy.pl PORT HOST PORT: stands in front of an object store, one request to a connection, and fails as the file
# /run/proxy/fault says: KIND REQUESTS NUMBER, where REQUESTS is a pattern for 'METHOD /path'. Others go through.
#
#   count     nothing fails; the file `seen` has a line for each
#   status N  the answer is an error of that number, and the store is not asked
#   cut N     after N bytes, or half of a shorter body, the connection is closed: what is sent, or what is answered
#   slow N    so many bytes a second
#   hold N    the Nth is kept, and the store is not asked; the file `held` says which it is, and `gone` is there when
#             the one who asked is
#   keep N    the store does what the Nth asks for, and its answer is kept; likewise
use strict;
use warnings;
use Fcntl qw(:flock);
use IO::Select;
use IO::Socket::IP;

my ($port, $host, $store_port) = @ARGV;
my $RUN = '/run/proxy';
my $PIECE = 16384;
my %CODES = (403 => 'AccessDenied', 404 => 'NoSuchBucket', 500 => 'InternalError', 503 => 'SlowDown');
$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';

my $server = IO::Socket::IP->new(LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "cannot listen: $@\n";
while (1) {
  my $client = $server->accept or next;
  next if fork;
  close $server;
  serve($client);
  exit;
}

sub serve {
  my ($client) = @_;
  my ($head, $body) = head_of($client) or return;
  my ($method, $path) = $head =~ /^(\S+) (\S+)/ or return;
  my ($kind, $number) = fault_of("$method $path");
  if ($kind eq 'status') {
    my $error = "<Error><Code>$CODES{$number}</Code></Error>";
    print $client "HTTP/1.1 $number Failed\r\nContent-Type: application/xml\r\nContent-Length: ", length $error, "\r\nConnection: close\r\n\r\n",
      $method eq 'HEAD' ? '' : $error;
    return;
  }
  return wait_for_end($client) if $kind eq 'hold';
  my $store = IO::Socket::IP->new(PeerHost => $host, PeerPort => $store_port) or return;
  $head =~ s/\r\nConnection: [^\r]*//i;
  $head =~ s/\r\n\r\n$/\r\nConnection: close\r\n\r\n/;
  send_all($store, $head) or return;
  relay($client, $store, $body, $kind, $number, length_of($head));
}

# The head of a request or an answer, and what came of its body with it.
sub head_of {
  my ($socket) = @_;
  my ($text, $end) = ('', -1);
  while (($end = index $text, "\r\n\r\n") < 0) {
    return if length $text > 65536;
    sysread $socket, $text, $PIECE, length $text or return;
  }
  return (substr($text, 0, $end + 4), substr($text, $end + 4));
}

# Who asked goes away, which the file `gone` says, or the fault is lifted.
sub wait_for_end {
  my ($client) = @_;
  my ($select, $rest) = (IO::Select->new($client));
  while (-e "$RUN/held") {
    next unless $select->can_read(0.2);
    next if sysread $client, $rest, $PIECE;
    open my $gone, '>', "$RUN/gone" or die;
    return;
  }
}

sub length_of { return $_[0] =~ /\r\nContent-Length: (\d+)/i ? $1 : 0 }

sub relay {
  my ($client, $store, $body, $kind, $number, $length) = @_;
  my %left = ($client => allowed($kind, $number, $length));
  send_part($store, $body, \$left{$client}) or return;
  my $select = IO::Select->new($client, $store);
  my $answered;
  while (my @ready = $select->can_read) {
    for my $from (@ready) {
      my $to = $from == $client ? $store : $client;
      my $text = '';
      if ($from == $store && !$answered) {
        my $head;
        ($head, $text) = head_of($store) or return;
        $answered = $head !~ m{^HTTP/1.1 1}; # 100 Continue
        if ($kind eq 'keep' && $answered) {
          hold($head);
          return wait_for_end($client);
        }
        send_all($client, $head) or return;
        $left{$store} = $answered ? allowed($kind, $number, length_of($head)) : undef;
      } else {
        sysread $from, $text, $PIECE or return;
      }
      select undef, undef, undef, length($text) / $number if $kind eq 'slow';
      send_part($to, $text, \$left{$from}) or return;
    }
  }
}

# How many bytes of a body may pass: all, if undefined.
sub allowed {
  my ($kind, $number, $length) = @_;
  return undef if $kind ne 'cut' || $length == 0;
  return $number < $length / 2 ? $number : int($length / 2);
}

# False when no more may pass.
sub send_part {
  my ($to, $text, $left) = @_;
  return send_all($to, $text) unless defined $$left;
  my $part = substr $text, 0, $$left;
  $$left -= length $part;
  return send_all($to, $part) && $$left > 0;
}

sub send_all {
  my ($to, $text) = @_;
  while (length $text) {
    my $count = syswrite $to, $text or return 0;
    substr $text, 0, $count, '';
  }
  return 1;
}

# What happens to a request: (kind, number), the kind empty where nothing does.
sub fault_of {
  my ($request) = @_;
  open my $lock, '>', "$RUN/lock" or die;
  flock $lock, LOCK_EX;
  open my $file, '<', "$RUN/fault" or return ('', 0);
  my ($kind, $pattern, $number) = split ' ', (<$file> // '');
  return ('', 0) unless defined $number && $request =~ /$pattern/;
  open my $seen, '>>', "$RUN/seen" or die;
  print $seen "$request\n";
  close $seen;
  return ('', 0) if $kind eq 'count';
  return ($kind, $number) if $kind ne 'hold' && $kind ne 'keep';
  return ('', 0) if lines("$RUN/seen") != $number;
  hold($request) if $kind eq 'hold';
  return ($kind, $number);
}

sub hold {
  open my $held, '>', "$RUN/held" or die;
  print $held $_[0] =~ /^([^\r\n]*)/, "\n";
  close $held;
}

sub lines {
  open my $file, '<', $_[0] or return 0;
  my @lines = <$file>;
  return scalar @lines;
}
