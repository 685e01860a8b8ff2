import { RedisCompatibleProps } from './redis-compatible-props';
import { ValkeyVersion } from './valkey-version';

/**
 * Props of `Valkey`.
 */
export interface ValkeyProps extends RedisCompatibleProps {
  /**
   * The version, and with it the image.
   */
  readonly version: ValkeyVersion;
}
