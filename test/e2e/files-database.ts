import { Client, Reply, succeeded } from './client';
import { Database } from './driver';

const MEBIBYTE = 1024 * 1024;
const PORT = 8080;

/**
 * Asks the application one command, `HOST COMMAND`; its answer on standard output. Whoever is gone refuses nobody, and
 * while its name is still known, a connection to it would hang: so connecting has two seconds, as with the clients of
 * the databases.
 */
const ASK = `
use IO::Socket::IP;
my ($host, $command) = @ARGV;
my $server = IO::Socket::IP->new(PeerHost => $host, PeerPort => ${PORT}, Timeout => 2) or die "$host: $@\\n";
print $server "$command\\n";
$server->flush;
while (my $line = <$server>) {
  if ($line =~ /^OK(?: (.*))?\\n/) { print "$1\\n" if defined $1; exit 0 }
  if ($line =~ /^ERR (.*)\\n/) { print STDERR "$1\\n"; exit 1 }
  print $line;
}
die "connection lost\\n";`;

/**
 * Writes one file after the other, some 40 a second, in every way that the application can, for ever, and connects anew
 * by itself. The numbers go on from the time of day.
 */
const WRITER = `
use IO::Socket::IP; use Time::HiRes qw(time sleep);
$| = 1;
my ($id, $socket) = (int(time * 1e6));
while (sleep 0.02) {
  $socket //= IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => ${PORT}, Timeout => 2) or next;
  $id++;
  my $reply = eval {
    local $SIG{ALRM} = sub { die };
    alarm 2; print $socket "WRITE $id\\n"; $socket->flush; my $line = <$socket>; alarm 0;
    $line;
  };
  alarm 0;
  if (($reply // "") =~ /^OK/) { print "$id\\n" } else { close $socket; undef $socket }
}`;

/**
 * For most of a minute: connections that say nothing, nonsense, half a handshake, and a great many at once, to the port
 * on which pods give their files.
 */
const CALLER = `
use IO::Socket::IP;
$SIG{PIPE} = 'IGNORE';
my ($end, @idle) = time + 50;
while (time < $end) {
  for my $host (@ARGV) {
    my $socket = IO::Socket::IP->new(PeerHost => $host, PeerPort => 8022, Timeout => 2) or next;
    print $socket ("", "SSH-2.0-copy-9-by-files-9\\r\\n", "\\0" x 1000, "SSH-2.0-x\\r\\n\\0\\0\\x88\\xb8\\0")[rand 4];
    $socket->flush;
    push @idle, $socket if @idle < 200;
  }
  select undef, undef, undef, 0.05;
}`;

/** The files as a client of the application sees them. */
export class FilesDatabase implements Database {
  /**
   * As many bytes as the manifest has, which ten thousand files make some 1.2 million, and at most one change more, of
   * all of them, which has as many.
   */
  public readonly logBound = 4 * MEBIBYTE;

  constructor(
    private readonly client: Client,
    private readonly setName: string,
    private readonly primaryService: string,
  ) {}

  /** Whether the kernel lets the application write. */
  public async role(ordinal: number): Promise<'primary' | 'replica'> {
    return (await this.ask(ordinal, 'ROLE')) === 'primary' ? 'primary' : 'replica';
  }

  public async identity(ordinal: number): Promise<string> {
    return (await this.ask(ordinal, 'POSITION')).split(' ')[0];
  }

  public async write(target: number | 'primary'): Promise<string | undefined> {
    const { code, out, err } = await this.run(target, 'PUT e2e_other text');
    return code === 0 ? undefined : `${out}${err}`;
  }

  public isReadOnlyError(error: string): boolean {
    return error.includes('Permission denied');
  }

  public async load(): Promise<void> {
    await this.ask('primary', 'LOAD');
  }

  public async change(): Promise<void> {
    await this.ask('primary', 'CHANGE');
  }

  public async grow(bytes: number): Promise<void> {
    await this.ask('primary', `GROW ${bytes}`);
  }

  public async shrink(): Promise<void> {
    await this.ask('primary', 'SHRINK');
  }

  public async checksum(ordinal: number): Promise<string> {
    const sum = await this.ask(ordinal, 'SUM');
    if (!(parseInt(sum, 10) > 9000)) {
      throw new Error(`ordinal ${ordinal} does not have the files that were loaded, but ${sum}`);
    }
    return sum;
  }

  /** All that the primary has when asked, which it may not even have published. */
  public async hasCaughtUp(ordinal: number): Promise<boolean> {
    const written = await this.writtenIds(0);
    const sum = await this.ask(0, 'SUM');
    const there = await this.writtenIds(ordinal);
    return [...written].every((id) => there.has(id)) && sum === (await this.ask(ordinal, 'SUM'));
  }

  /**
   * Who is where the primary is, or so near as one that is asked at the same time can be: of the same run, a few
   * changes behind. All at once, as it takes a while to hear nothing of one that is gone.
   */
  public async followers(): Promise<number[]> {
    const ordinals = [0, 1, 2, 3, 4];
    const { out } = await this.client.run(
      `${ordinals.map((ordinal) => `{ echo "${ordinal} $(${this.command(ordinal, 'POSITION')} 2>/dev/null)"; } &`).join('\n')}\nwait`,
    );
    const positions = new Map(
      out
        .trim()
        .split('\n')
        .map((line) => line.split(' '))
        .map(([ordinal, ...position]) => [Number(ordinal), position]),
    );
    const [identity, mark, run] = positions.get(0) ?? [];
    if (run === undefined) {
      throw new Error('the primary does not say where it is');
    }
    return ordinals.slice(1).filter((ordinal) => {
      const own = positions.get(ordinal) ?? [];
      return own[0] === identity && own[2] === run && Number(own[1]) > Number(mark) - 10;
    });
  }

  /** Nothing is kept for one replica: its connection is all there is. */
  public async keepsFor(ordinal: number): Promise<boolean> {
    return (await this.followers()).includes(ordinal);
  }

  public async logBytes(): Promise<number> {
    return Number(await this.ask(0, 'CHANGES'));
  }

  public async writeLog(bytes: number): Promise<void> {
    await this.ask('primary', `CHURN ${bytes}`);
  }

  /** As many as the application has. */
  public readonly writerKinds = 12;

  /** The application attacks in its own container; from elsewhere everybody can call the port of the replicas. */
  public attackScript(): string {
    return `
      ${this.command('primary', 'ATTACK')} &
      application=$!
      perl -e ${quote(CALLER)} ${[0, 1, 2].map((ordinal) => this.host(ordinal)).join(' ')}
      wait $application || true`;
  }

  public writerScript(): string {
    return `exec perl -e ${quote(WRITER)} ${this.host('primary')}`;
  }

  public async writtenIds(ordinal: number): Promise<Set<number>> {
    const ids = await this.ask(ordinal, 'IDS');
    return new Set(
      ids
        .split('\n')
        .filter((id) => id !== '')
        .map(Number),
    );
  }

  public readerScript(ordinal: number): string {
    return `
      while :; do
        out=$(${this.command(ordinal, 'COUNT')} 2>&1)
        echo "\${out//$'\\n'/ }"
        sleep 0.05
      done`;
  }

  /** An empty answer is that of a command that ran out of time. */
  public isUnavailable(error: string): boolean {
    return (
      error === '' || /refused|timed out|connection lost|not known|No route|unreachable|reset by peer/i.test(error)
    );
  }

  private async ask(target: number | 'primary', command: string): Promise<string> {
    return succeeded(await this.run(target, command)).out.trim();
  }

  private run(target: number | 'primary', command: string): Promise<Reply> {
    return this.client.run(this.command(target, command));
  }

  private command(target: number | 'primary', command: string): string {
    return `timeout 100 perl -e ${quote(ASK)} ${this.host(target)} ${quote(command)}`;
  }

  private host(target: number | 'primary'): string {
    return target === 'primary' ? this.primaryService : `${this.setName}-${target}.${this.setName}`;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
