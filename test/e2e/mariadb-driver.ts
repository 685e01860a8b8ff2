import { App, Chart, Yaml } from 'cdk8s';
import { Construct } from 'constructs';
import { MariaDb, MariaDbProps, MariaDbVersion } from '../../lib';
import { Client } from './client';
import { Database, Driver, propsFor, SetOptions, StopTimes, stopTimesOf } from './driver';
import { MariaDbDatabase } from './mariadb-database';
import { MARIADB_SETTINGS } from './mariadb-settings';

/** So little log is kept that row 15 needs no gigabytes to fill it. */
const PARAMETERS = { max_binlog_size: '8M', max_binlog_total_size: '64M' };

export class MariaDbDriver implements Driver {
  public static readonly all: Driver[] = [new MariaDbDriver('mariadb-11', MariaDbVersion.V11_8)];

  public readonly setName = 'mariadb';
  public readonly container = 'mariadb';
  public readonly donor = 'sync';
  public readonly image: string;
  public readonly secretName = 'mariadb-credentials';
  public readonly secret = {
    'superuser-password': 'super\'s "secret" \\ 1',
    'replication-password': 'repl:\'ica"tion\\2',
    password: 'app-3',
  };
  public readonly clientEnvironment = { SUPERUSER_PASSWORD: 'superuser-password', APP_PASSWORD: 'password' };
  public readonly copiesFromRestartedPrimary = false;
  public readonly settings = MARIADB_SETTINGS;
  public readonly recoveryParameters = { innodb_log_file_size: '1G', innodb_adaptive_flushing: 'OFF' };

  private constructor(
    public readonly name: string,
    private readonly version: MariaDbVersion,
  ) {
    this.image = version.image;
  }

  public manifest(options: SetOptions): string {
    const chart = new Chart(new App(), 'e2e');
    this.construct(chart, options);
    return Yaml.stringify(...(chart.toJson() as object[]));
  }

  public construct(scope: Construct, options: SetOptions, more: Partial<MariaDbProps> = {}): MariaDb {
    const props = {
      version: this.version,
      parameters: { ...PARAMETERS, ...options.parameters },
      ...propsFor(options, this.secretName),
    };
    return new MariaDb(scope, this.setName, { ...props, ...more });
  }

  public copiesServed(log: string): number {
    return [...log.matchAll(/copy: giving a copy to/g)].length;
  }

  public stopTimes(log: string): StopTimes | undefined {
    return stopTimesOf(log, 'Normal shutdown', 'Shutdown complete');
  }

  public sawForeignPrimary(log: string): boolean {
    return log.includes(`NOT FOLLOWING: ${this.setName}-0 holds another database`);
  }

  public open(client: Client, setName = this.setName, primaryService = `${setName}-primary`): Database {
    return new MariaDbDatabase(client, setName, primaryService);
  }
}
