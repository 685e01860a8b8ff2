import { App, Chart, Yaml } from 'cdk8s';
import { Construct } from 'constructs';
import { Postgres, PostgresProps, PostgresVersion } from '../../lib';
import { Client } from './client';
import { Database, Driver, propsFor, SetOptions, StopTimes } from './driver';
import { PostgresDatabase } from './postgres-database';
import { copiesServed, stopTimes } from './postgres-logs';
import { POSTGRES_SETTINGS } from './postgres-settings';

/** So little log is kept that row 15 needs no gigabytes to fill it. */
const PARAMETERS = { max_slot_wal_keep_size: '64MB', wal_keep_size: '32MB', max_wal_size: '64MB' };

export class PostgresDriver implements Driver {
  public static readonly V17 = new PostgresDriver('17', PostgresVersion.V17);
  public static readonly V18 = new PostgresDriver('18', PostgresVersion.V18);
  public static readonly all: PostgresDriver[] = [PostgresDriver.V17, PostgresDriver.V18];

  public readonly name: string;
  public readonly setName = 'postgres';
  public readonly container = 'postgres';
  public readonly donor = 'postgres';
  public readonly image: string;
  public readonly secretName = 'postgres-credentials';
  public readonly secret = {
    'superuser-password': 'super\'s "secret" \\ 1',
    'replication-password': 'repl:ication\\2',
    password: 'app-3',
  };
  public readonly clientEnvironment = { SUPERUSER_PASSWORD: 'superuser-password', APP_PASSWORD: 'password' };
  public readonly copiesFromRestartedPrimary = false;
  public readonly settings = POSTGRES_SETTINGS;
  public readonly recoveryParameters = { max_wal_size: '1GB', checkpoint_timeout: '1h' };

  private constructor(
    major: string,
    private readonly version: PostgresVersion,
  ) {
    this.name = `postgres-${major}`;
    this.image = version.image;
  }

  public manifest(options: SetOptions): string {
    const chart = new Chart(new App(), 'e2e');
    this.construct(chart, options);
    return Yaml.stringify(...(chart.toJson() as object[]));
  }

  public construct(scope: Construct, options: SetOptions, more: Partial<PostgresProps> = {}): Postgres {
    const version =
      options.image === undefined ? this.version : PostgresVersion.of(this.version.version, options.image);
    // The suite asks as the superuser, from its client pod.
    const props = {
      version,
      parameters: { ...PARAMETERS, ...options.parameters },
      superuserFromNetwork: true,
      ...propsFor(options, this.secretName),
    };
    return new Postgres(scope, this.setName, { ...props, ...more });
  }

  public copiesServed(log: string): number {
    return copiesServed(log);
  }

  public stopTimes(log: string): StopTimes | undefined {
    return stopTimes(log);
  }

  public sawForeignPrimary(log: string): boolean {
    return log.includes(`NOT FOLLOWING: ${this.setName}-0 holds another database`);
  }

  public open(client: Client, setName = this.setName, primaryService = `${setName}-primary`): Database {
    return new PostgresDatabase(client, setName, primaryService);
  }
}
