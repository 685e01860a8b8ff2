import { App, Chart, Size, Yaml } from 'cdk8s';
import { Construct } from 'constructs';
import { MySql, MySqlProps, MySqlVersion } from '../../lib';
import { Client } from './client';
import { Database, Driver, propsFor, SetOptions, StopTimes, stopTimesOf } from './driver';
import { MySqlDatabase } from './mysql-database';
import { MYSQL_SETTINGS } from './mysql-settings';

/**
 * So little log is kept that row 15 needs no gigabytes to fill it; the writer loads files; and so few connections that
 * an attack can take them all.
 */
const LITTLE_LOG = {
  maxLogSize: Size.mebibytes(64),
  parameters: { max_binlog_size: '8M', local_infile: 'ON', max_connections: '60' },
};

export class MySqlDriver implements Driver {
  public static readonly all: Driver[] = [new MySqlDriver('mysql-9', MySqlVersion.V9_7)];

  public readonly setName = 'mysql';
  public readonly container = 'mysql';
  public readonly donor = 'mysql';
  public readonly image: string;
  public readonly secretName = 'mysql-credentials';
  public readonly secret = {
    'superuser-password': 'super\'s "secret" \\ 1',
    'replication-password': 'repl:\'ica"tion\\2, which is longer than 32',
    password: 'app-3',
  };
  public readonly clientEnvironment = { SUPERUSER_PASSWORD: 'superuser-password', APP_PASSWORD: 'password' };
  public readonly copiesFromRestartedPrimary = false;
  public readonly settings = MYSQL_SETTINGS;
  public readonly recoveryParameters = { innodb_redo_log_capacity: '1G', innodb_adaptive_flushing: 'OFF' };

  private constructor(
    public readonly name: string,
    private readonly version: MySqlVersion,
  ) {
    this.image = version.image;
  }

  public manifest(options: SetOptions): string {
    const chart = new Chart(new App(), 'e2e');
    this.construct(chart, options);
    return Yaml.stringify(...(chart.toJson() as object[]));
  }

  public construct(scope: Construct, options: SetOptions, more: Partial<MySqlProps> = {}): MySql {
    const props = {
      version: this.version,
      ...LITTLE_LOG,
      parameters: { ...LITTLE_LOG.parameters, ...options.parameters },
      ...propsFor(options, this.secretName),
    };
    return new MySql(scope, this.setName, { ...props, ...more });
  }

  public copiesServed(log: string): number {
    return [...log.matchAll(/Clone Begin Master Task by follower-/g)].length;
  }

  public stopTimes(log: string): StopTimes | undefined {
    return stopTimesOf(log, 'Received SHUTDOWN from user', 'Shutdown complete');
  }

  public sawForeignPrimary(log: string): boolean {
    return log.includes(`NOT FOLLOWING: ${this.setName}-0 holds another database`);
  }

  public open(client: Client, setName = this.setName, primaryService = `${setName}-primary`): Database {
    return new MySqlDatabase(client, setName, primaryService);
  }
}
