import { RedisCompatibleProps } from './redis-compatible-props';
import { RedisVersion } from './redis-version';

/**
 * Props of `Redis`.
 */
export interface RedisProps extends RedisCompatibleProps {
  /**
   * The version, and with it the image.
   */
  readonly version: RedisVersion;
}
