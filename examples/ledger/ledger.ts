import { Duration, Size } from 'cdk8s';
import { Construct } from 'constructs';
import { ReplicatedSystemProps, ReplicatedStatefulSet } from '../../lib';
import { LedgerEngine } from './ledger-engine';

export interface LedgerOptions {
  /**
   * How long commits wait when no replica is there any more, before they are acknowledged without one.
   *
   * @default Duration.seconds(10)
   */
  readonly patience?: Duration;

  /**
   * How much log the primary keeps for a replica that is away.
   *
   * @default - a fifth of the volume
   */
  readonly keptLog?: Size;

  /**
   * Let the superuser connect from other pods, with the Secret's password.
   *
   * @default false it connects by `kubectl exec` only
   */
  readonly superuserFromNetwork?: boolean;
}

export interface LedgerProps extends ReplicatedSystemProps, LedgerOptions {}

/**
 * PostgreSQL for what must not be lost: a commit is acknowledged when it is on the primary's volume and on a replica's, whenever a replica
 * is there. Without any it goes on alone, and says so in its log.
 *
 * `Postgres` does one or the other: without `synchronousReplicas` no commit waits, with it all writes stand still when no replica is there.
 */
export class Ledger extends ReplicatedStatefulSet {
  constructor(scope: Construct, id: string, props: LedgerProps) {
    super(scope, id, { ...props, engine: new LedgerEngine(props) });
  }
}
