import { App, Chart, Yaml } from 'cdk8s';
import { Construct } from 'constructs';
import { Redis, RedisVersion, ReplicatedSystemProps, Valkey, ValkeyVersion } from '../../lib';
import { Client } from './client';
import { Database, Driver, Parameters, propsFor, SetOptions, Setting, StopTimes, stopTimesOf } from './driver';
import { RedisDatabase } from './redis-database';
import { redisSettings } from './redis-settings';

/**
 * So little log is kept that row 15 fills it in a moment; and so few clients may connect that an attacker uses them up.
 */
const PARAMETERS = { 'repl-backlog-size': '8mb', maxclients: '400' };

/** As both constructs take them; the restored copy of a set has a name of its own. */
type Props = ReplicatedSystemProps & { readonly parameters: Parameters };
type Make = (scope: Construct, id: string, props: Props) => void;

/** Redis and Valkey, which differ in the names of their programs. */
export class RedisDriver implements Driver {
  public static readonly all: RedisDriver[] = [
    new RedisDriver(
      'redis-8',
      'redis',
      RedisVersion.V8.image,
      (scope, id, props) => new Redis(scope, id, { version: RedisVersion.V8, ...props }),
    ),
    new RedisDriver(
      'valkey-9',
      'valkey',
      ValkeyVersion.V9.image,
      (scope, id, props) => new Valkey(scope, id, { version: ValkeyVersion.V9, ...props }),
    ),
  ];

  public readonly setName: string;
  public readonly container: string;
  public readonly donor: string;
  public readonly secretName = 'key-value-credentials';
  public readonly secret = {
    'superuser-password': 'super\'s "secret" \\ 1',
    'replication-password': 'repl:"ica\\tion\\2',
    password: 'app-3',
  };
  public readonly clientEnvironment = { SUPERUSER_PASSWORD: 'superuser-password', APP_PASSWORD: 'password' };
  /** It takes a new replication id, and so each replica a new copy. */
  public readonly copiesFromRestartedPrimary = true;
  /** The log is not rewritten: it is read command by command. */
  public readonly recoveryParameters = { 'auto-aof-rewrite-min-size': '512mb' };
  public readonly settings: readonly Setting[];

  private constructor(
    public readonly name: string,
    private readonly program: string,
    public readonly image: string,
    private readonly make: Make,
  ) {
    this.setName = program;
    this.container = program;
    this.donor = program;
    this.settings = redisSettings(program);
  }

  public manifest(options: SetOptions): string {
    const chart = new Chart(new App(), 'e2e');
    this.construct(chart, options);
    return Yaml.stringify(...(chart.toJson() as object[]));
  }

  public construct(scope: Construct, options: SetOptions, more: Partial<Props> = {}): void {
    this.make(scope, this.setName, {
      parameters: { ...PARAMETERS, ...options.parameters },
      ...propsFor(options, this.secretName),
      ...more,
    });
  }

  public copiesServed(log: string): number {
    const asked = [...log.matchAll(/asks for synchronization/g)].length;
    return asked - [...log.matchAll(/Partial resynchronization request from \S+ accepted/g)].length;
  }

  public stopTimes(log: string): StopTimes | undefined {
    return stopTimesOf(log, 'User requested shutdown', 'is now ready to exit');
  }

  public sawForeignPrimary(log: string): boolean {
    return log.includes(`NOT FOLLOWING: ${this.setName}-0 holds another database`);
  }

  public open(client: Client, setName = this.setName, primaryService = `${setName}-primary`): Database {
    return new RedisDatabase(client, setName, this.program, primaryService);
  }
}
