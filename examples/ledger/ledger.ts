import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  EngineConfig,
  IEngine,
  PostgresEngine,
  PostgresOptions,
  ReplicatedStatefulSet,
  ReplicatedSystem,
  ReplicatedSystemProps,
} from '../../lib';

export interface LedgerOptions extends Omit<PostgresOptions, 'synchronousReplicas'> {
  /**
   * How long commits wait when no replica is there any more, before they are acknowledged without one.
   *
   * @default Duration.seconds(10)
   */
  readonly patience?: Duration;
}

/**
 * PostgreSQL as the library has it, but for one function of its scripts, which is in
 * `reconcile_synchronous_replicas.sh`.
 */
export class LedgerEngine implements IEngine {
  constructor(private readonly options: LedgerOptions) {}

  public bind(system: ReplicatedSystem): EngineConfig {
    const { patience = Duration.seconds(10), ...options } = this.options;
    // With one pod, which has no replica to wait for, as with two: then scaling restarts nothing.
    const postgres = new PostgresEngine({ ...options, synchronousReplicas: 1 }).bind({
      ...system,
      replicas: Math.max(2, system.replicas),
    });
    return {
      ...postgres,
      scripts: {
        ...postgres.scripts,
        'reconcile_synchronous_replicas.sh': readFileSync(join(__dirname, 'reconcile_synchronous_replicas.sh'), 'utf8'),
      },
      settings: { ...postgres.settings, patience: String(patience.toSeconds()) },
    };
  }
}

export interface LedgerProps extends ReplicatedSystemProps, LedgerOptions {}

/**
 * PostgreSQL for what must not be lost: a commit is acknowledged when it is on the primary's volume and on a replica's,
 * whenever a replica is there. Without any it goes on alone, and says so in its log.
 *
 * `Postgres` does one or the other: without `synchronousReplicas` no commit waits, with it all writes stand still when
 * no replica is there.
 */
export class Ledger extends ReplicatedStatefulSet {
  constructor(scope: Construct, id: string, props: LedgerProps) {
    super(scope, id, { ...props, engine: new LedgerEngine(props) });
  }
}
