import { ReplicatedSystemProps } from '../../core/replicated-system-props';
import { RedisCompatibleOptions } from './redis-compatible-options';
import { RedisVersion } from './redis-version';

/**
 * What makes a Redis, wherever it runs: props of `RedisEngine`, and of `Redis` in addition to those that every system
 * has.
 */
export interface RedisOptions extends RedisCompatibleOptions {
  /**
   * The version, and with it the image.
   */
  readonly version: RedisVersion;
}

/**
 * Props of `Redis`.
 */
export interface RedisProps extends ReplicatedSystemProps, RedisOptions {}
