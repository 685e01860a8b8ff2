import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Construct } from 'constructs';
import { ReplicatedFiles, ReplicatedSystemProps } from '../../lib';
import { Construction } from './backed-up';
import { Context } from './context';
import { Database, propsFor, SetOptions } from './driver';
import { FilesDriver } from './files-driver';
import { check, elapse, until } from './poll';
import { History, Moment } from './history';

const APPLICATION = readFileSync(join(__dirname, 'files-application.pl'), 'utf8');
/** Ten thousand files are some 16 s of a CPU, of which the container `ship` asks for little. */
const BACKUP_SECONDS = 400;
/** So long nothing is published any more: what was written is in a list. */
const REST = 1500;

/** Plain files as the rows of backups make them: as the driver does, with more props. */
export function constructionOfFiles(driver: FilesDriver): Construction {
  const construct = (scope: Construct, options: SetOptions, more: Partial<ReplicatedSystemProps>): void => {
    const files = new ReplicatedFiles(scope, driver.setName, {
      ...propsFor(options, driver.secretName),
      image: 'valkey/valkey:9',
      container: { image: driver.image, command: ['perl'], args: ['-e', APPLICATION], portNumber: 8080 },
      ...more,
    });
    files.application.mount('/stateful', files.dataVolume, { readOnly: true });
  };
  return { construct, constructSmaller: construct, shipsBackups: true, backupSeconds: BACKUP_SECONDS };
}

/**
 * Numbers from one on, each written by the application in one of its ways. What the writer of a row writes has larger
 * ones.
 */
export class Numbers implements History {
  private count = 0;

  constructor(private readonly context: Context) {}

  public get last(): number {
    return this.count;
  }

  /** The container `ship` sends it when it is due. */
  public endLog(): Promise<void> {
    return this.logged();
  }

  /** A time when all of them were in the log, which a later list reaches. */
  public async more(count: number): Promise<Moment> {
    for (let n = 0; n < count; n++) await this.add();
    await this.logged();
    const moment = { instant: new Date().toISOString(), count: this.count };
    await elapse(200);
    await this.add();
    return moment;
  }

  /** What was written is in a list. */
  public async published(): Promise<void> {
    let [position, since] = ['', Date.now()];
    await until('what was written is published', 60, async () => {
      const now = await this.ask('POSITION');
      if (now !== position) [position, since] = [now, Date.now()];
      return Date.now() - since > REST;
    });
  }

  /** The container `ship` has the list in the log, sent or not: it has read all that was new in it. */
  public async logged(): Promise<void> {
    await this.published();
    const { cluster, system } = this.context;
    const state = '/var/lib/files/current/unsent/state';
    await until('the last list is in the log', 120, async () => {
      const [position, said] = await Promise.all([
        this.ask('POSITION'),
        cluster.kubectl('exec', system.podName(0), '--container=ship', '--', 'tail', '-n', '1', state).catch(() => ''),
      ]);
      return said.trim() === position;
    });
  }

  /** Of those that an ordinal 0 has, from one on there must be no hole. */
  public async countIn(database: Database): Promise<number> {
    const there = [...(await database.writtenIds(0))].filter((id) => id <= this.count).sort((a, b) => a - b);
    check(
      there.every((id, i) => id === i + 1),
      `numbers are missing among those that are there: ${there.join()}`,
    );
    return there.length;
  }

  public checksumOf(database: Database): Promise<string> {
    return database.checksum(0);
  }

  public async ask(command: string): Promise<string> {
    const host = `${this.context.system.driver.setName}-primary`;
    const script = `timeout 60 perl -e '
      use IO::Socket::IP;
      my $server = IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => 8080, Timeout => 5) or die "$ARGV[0]: $@\\n";
      print $server "$ARGV[1]\\n"; $server->flush;
      while (my $line = <$server>) { if ($line =~ /^OK(?: (.*))?\\n/) { print "$1\\n" if defined $1; exit 0 } die $line if $line =~ /^ERR/; print $line }
      die "connection lost\\n"' ${host} '${command}'`;
    const { code, out, err } = await this.context.client.run(script);
    check(code === 0, `${command}: ${err}`);
    return out.trim();
  }

  private async add(): Promise<void> {
    await this.ask(`WRITE ${++this.count}`);
  }
}
