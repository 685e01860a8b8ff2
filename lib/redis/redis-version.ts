import { checkVersion } from '../private/version';

/** The scripts are proven from there on. */
const OLDEST = '8';

/**
 * A version of Redis and the official image that has it.
 */
export class RedisVersion {
  /** Redis 8. @see https://hub.docker.com/_/redis */
  public static readonly V8 = RedisVersion.of('8', 'redis:8');

  /**
   * Another version or image: a minor release, a digest, a mirror. Pin a minor release to decide yourself when it changes.
   *
   * @param version the version, beginning with its major number, as `8.2.1`
   * @param image an image that behaves like the official Debian-based one of that version
   * @throws if the version does not begin with a major number from 8 on, or if the image is empty
   */
  public static of(version: string, image: string): RedisVersion {
    checkVersion(version, image, OLDEST);
    return new RedisVersion(version, image);
  }

  private constructor(
    /** The version, as `8` or `8.2.1`. */
    public readonly version: string,
    /** The image. */
    public readonly image: string,
  ) {}
}
