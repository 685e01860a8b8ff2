import { checkVersion } from '../private/version';

/** The scripts are proven from there on. */
const OLDEST = '9';

/**
 * A version of Valkey and the official image that has it.
 */
export class ValkeyVersion {
  /** Valkey 9. @see https://hub.docker.com/r/valkey/valkey */
  public static readonly V9 = ValkeyVersion.of('9', 'valkey/valkey:9');

  /**
   * Another version or image: a minor release, a digest, a mirror. Pin a minor release to decide yourself when it changes.
   *
   * @param version the version, beginning with its major number, as `9.0.4`
   * @param image an image that behaves like the official Debian-based one of that version
   * @throws if the version does not begin with a major number from 9 on, or if the image is empty
   */
  public static of(version: string, image: string): ValkeyVersion {
    checkVersion(version, image, OLDEST);
    return new ValkeyVersion(version, image);
  }

  private constructor(
    /** The version, as `9` or `9.0.4`. */
    public readonly version: string,
    /** The image. */
    public readonly image: string,
  ) {}
}
