import { KeyValueProps } from '../redis/key-value-props';
import { ValkeyVersion } from './valkey-version';

/**
 * Props of `Valkey`.
 */
export interface ValkeyProps extends KeyValueProps {
  /**
   * The version, and with it the image.
   */
  readonly version: ValkeyVersion;
}
