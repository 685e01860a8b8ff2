import { ReplicatedSystemProps } from '../../core/replicated-system-props';
import { RedisCompatibleOptions } from './redis-compatible-options';
import { ValkeyVersion } from './valkey-version';

/**
 * What makes a Valkey, wherever it runs: props of `ValkeyEngine`, and of `Valkey` in addition to those that every
 * system has.
 */
export interface ValkeyOptions extends RedisCompatibleOptions {
  /**
   * The version, and with it the image.
   */
  readonly version: ValkeyVersion;
}

/**
 * Props of `Valkey`.
 */
export interface ValkeyProps extends ReplicatedSystemProps, ValkeyOptions {}
