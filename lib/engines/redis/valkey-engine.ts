import { EngineConfig, IEngine } from '../../core/engine';
import { ReplicatedSystem } from '../../core/replicated-system';
import { checkInstance, checkObject } from '../../values/checks';
import { checkUser, redisCompatibleEngine } from './private/redis-compatible-engine';
import { ValkeyOptions } from './valkey-props';
import { ValkeyVersion } from './valkey-version';

/**
 * Valkey, as the core knows it: what `Valkey` is made of.
 */
export class ValkeyEngine implements IEngine {
  /** Name of the application's user. */
  public readonly user: string;

  /**
   * @throws if an option is of the wrong kind
   */
  constructor(private readonly options: ValkeyOptions) {
    checkObject('props', options);
    checkInstance('version', options.version, ValkeyVersion, 'a ValkeyVersion, as ValkeyVersion.V9');
    this.user = checkUser(options.user ?? 'app');
  }

  /**
   * What Valkey supplies to a system.
   *
   * @throws if a parameter is one that the library must own, or an option does not fit the system, by its name
   */
  public bind(system: ReplicatedSystem): EngineConfig {
    return redisCompatibleEngine('valkey', { ...this.options, user: this.user }, system);
  }
}
