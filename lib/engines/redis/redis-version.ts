import { checkVersion } from '../shared/version';

/** The scripts are proven from there on. */
const KNOWN = { name: 'redis', oldest: '7.4', latest: 19 };

/**
 * A version of Redis and the official image that has it.
 */
export class RedisVersion {
  /** Redis 8. @see https://hub.docker.com/_/redis */
  public static readonly V8 = RedisVersion.of('8', 'redis:8');

  /**
   * Another version or image: a minor release, a digest, a mirror. Pin a minor release to decide yourself when it
   * changes.
   *
   * 8 is proven; with 7.4 the scripts were tried by hand only, and later ones are accepted, and not tried. A tag moves,
   * and pods on nodes that pulled it at another time run another image: with its digest all run the same,
   * `RedisVersion.of('8.6.3', 'redis:8.6.3@sha256:...')`. A mirror is named by the whole reference.
   *
   * @param version the version, beginning with its major number, as `8.2.1`
   * @param image an image that behaves like the official Debian-based one of that version
   * @throws if the version is not known, or the image is no reference, is one of another engine or version, is built on
   * Alpine or UBI, or has no tag but `latest`
   */
  public static of(version: string, image: string): RedisVersion {
    checkVersion(version, image, KNOWN);
    return new RedisVersion(version, image);
  }

  /** Else the version of another engine would have the same type. */
  declare private readonly brand: 'RedisVersion';

  private constructor(
    /** The version, as `8` or `8.2.1`. */
    public readonly version: string,
    /** The image. */
    public readonly image: string,
  ) {}
}
