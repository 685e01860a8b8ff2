import { App, Chart, Yaml } from 'cdk8s';
import { Ledger } from '../../examples/ledger/ledger';
import { PostgresVersion } from '../../lib';
import { Client } from './client';
import { Database, Driver, propsFor, SetOptions, StopTimes } from './driver';
import { PostgresDatabase } from './postgres-database';
import { copiesServed, stopTimes } from './postgres-logs';

/** So little log is kept that row 15 needs no gigabytes to fill it. */
const PARAMETERS = { max_slot_wal_keep_size: '64MB', wal_keep_size: '32MB', max_wal_size: '64MB' };

/** The example of an engine of one's own, made from PostgreSQL's: clients and logs are those of `Postgres`. */
export class LedgerDriver implements Driver {
  public static readonly all: Driver[] = [new LedgerDriver()];

  public readonly name = 'ledger';
  public readonly setName = 'ledger';
  public readonly container = 'postgres';
  public readonly donor = 'postgres';
  public readonly image = 'postgres:18';
  public readonly secretName = 'ledger-credentials';
  public readonly secret = {
    'superuser-password': 'super\'s "secret" \\ 1',
    'replication-password': 'repl:ication\\2',
    password: 'app-3',
  };
  public readonly clientEnvironment = { SUPERUSER_PASSWORD: 'superuser-password', APP_PASSWORD: 'password' };
  public readonly copiesFromRestartedPrimary = false;
  public readonly waitsForReplica = true;

  private constructor() {
    /* `all` makes the one there is */
  }

  public manifest(options: SetOptions): string {
    const chart = new Chart(new App(), 'e2e');
    const version = options.image === undefined ? PostgresVersion.V18 : PostgresVersion.of('18', options.image);
    const parameters = { ...PARAMETERS, ...options.parameters };
    new Ledger(chart, this.setName, {
      version,
      parameters,
      superuserFromNetwork: true,
      ...propsFor(options, this.secretName),
    });
    return Yaml.stringify(...(chart.toJson() as object[]));
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
