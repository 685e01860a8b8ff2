import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart, Yaml } from 'cdk8s';
import { ReplicatedFiles } from '../../lib';
import { Client } from './client';
import { Database, Driver, propsFor, SetOptions, StopTimes, timeOf } from './driver';
import { FilesDatabase } from './files-database';

const APPLICATION = readFileSync(join(__dirname, 'files-application.pl'), 'utf8');

/** Plain files, with an application that is made for these tests. */
export class FilesDriver implements Driver {
  public static readonly all: Driver[] = [new FilesDriver()];

  public readonly name = 'files-1';
  public readonly setName = 'files';
  public readonly container = 'rclone';
  public readonly donor = 'rclone';
  /** The application's, and the client's: one that has perl. */
  public readonly image = 'postgres:18';
  public readonly secretName = 'files-credentials';
  public readonly secret = { 'replication-password': 'repl:"ica\\tion \'2 $x' };
  public readonly clientEnvironment = {};
  public readonly copiesFromRestartedPrimary = false;

  private constructor() {
    /* `all` makes the one there is */
  }

  public manifest(options: SetOptions): string {
    const chart = new Chart(new App(), 'e2e');
    const files = new ReplicatedFiles(chart, this.setName, {
      ...propsFor(options, this.secretName),
      // Debian's, like the default, with bash and all else that the scripts need: an image that the suite has anyway,
      // as not every cluster of tests gets others.
      image: 'valkey/valkey:9',
      container: { image: this.image, command: ['perl'], args: ['-e', APPLICATION], portNumber: 8080 },
    });
    files.application.mount('/stateful', files.dataVolume, { readOnly: true });
    return Yaml.stringify(...(chart.toJson() as object[]));
  }

  public copiesServed(log: string): number {
    return [...log.matchAll(/giving a copy to /g)].length;
  }

  public stopTimes(log: string): StopTimes | undefined {
    const asked = timeOf(log, 'run: told to stop');
    const ended = timeOf(log, 'run: stopped');
    return asked === undefined || ended === undefined ? undefined : { asked, ended };
  }

  public sawForeignPrimary(log: string): boolean {
    return log.includes(`NOT FOLLOWING: ${this.setName}-0 holds other files`);
  }

  public open(client: Client, setName = this.setName, primaryService = `${setName}-primary`): Database {
    return new FilesDatabase(client, setName, primaryService);
  }
}
