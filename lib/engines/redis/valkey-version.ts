import { checkVersion } from '../shared/version';

/** The scripts are proven from there on. */
const KNOWN = { name: 'valkey', oldest: '8.1', latest: 19 };

/**
 * A version of Valkey and the official image that has it.
 */
export class ValkeyVersion {
  /** Valkey 9. @see https://hub.docker.com/r/valkey/valkey */
  public static readonly V9 = ValkeyVersion.of('9', 'valkey/valkey:9');

  /**
   * Another version or image: a minor release, a digest, a mirror. Pin a minor release to decide yourself when it
   * changes.
   *
   * 9 is proven; with 8.1 the scripts were tried by hand only, and later ones are accepted, and not tried. A tag moves,
   * and pods on nodes that pulled it at another time run another image: with its digest all run the same,
   * `ValkeyVersion.of('9.1.2', 'valkey/valkey:9.1.2@sha256:...')`. A mirror is named by the whole reference.
   *
   * @param version the version, beginning with its major number, as `9.0.4`
   * @param image an image that behaves like the official Debian-based one of that version
   * @throws if the version is not known, or the image is no reference, is one of another engine or version, is built on
   * Alpine or UBI, or has no tag but `latest`
   */
  public static of(version: string, image: string): ValkeyVersion {
    checkVersion(version, image, KNOWN);
    return new ValkeyVersion(version, image);
  }

  /** Else the version of another engine would have the same type. */
  declare private readonly brand: 'ValkeyVersion';

  private constructor(
    /** The version, as `9` or `9.0.4`. */
    public readonly version: string,
    /** The image. */
    public readonly image: string,
  ) {}
}
