import { EngineConfig, IEngine } from '../../core/engine';
import { ReplicatedSystem } from '../../core/replicated-system';
import { checkInstance, checkObject } from '../../values/checks';
import { checkUser, redisCompatibleEngine } from './private/redis-compatible-engine';
import { RedisOptions } from './redis-props';
import { RedisVersion } from './redis-version';

/**
 * Redis, as the core knows it: what `Redis` is made of.
 */
export class RedisEngine implements IEngine {
  /** Name of the application's user. */
  public readonly user: string;

  /**
   * @throws if an option is of the wrong kind
   */
  constructor(private readonly options: RedisOptions) {
    checkObject('props', options);
    checkInstance('version', options.version, RedisVersion, 'a RedisVersion, as RedisVersion.V8');
    this.user = checkUser(options.user ?? 'app');
  }

  /**
   * What Redis supplies to a system.
   *
   * @throws if a parameter is one that the library must own, or an option does not fit the system, by its name
   */
  public bind(system: ReplicatedSystem): EngineConfig {
    return redisCompatibleEngine('redis', { ...this.options, user: this.user }, system);
  }
}
