import { KeyValueProps } from './key-value-props';
import { RedisVersion } from './redis-version';

/**
 * Props of `Redis`.
 */
export interface RedisProps extends KeyValueProps {
  /**
   * The version, and with it the image.
   */
  readonly version: RedisVersion;
}
