import { checkVersion } from '../shared/version';

/** The scripts are proven from there on. */
const KNOWN = { name: 'rclone', oldest: '1.75', latest: 9, onAlpine: true };

/**
 * A version of rclone and the official image that has it.
 */
export class RcloneVersion {
  /** rclone 1. @see https://hub.docker.com/r/rclone/rclone */
  public static readonly V1 = RcloneVersion.of('1', 'rclone/rclone:1');

  /**
   * Another version or image: a minor release, a digest, a mirror. Pin a minor release to decide yourself when it
   * changes.
   *
   * 1.75 and 1.76 are proven. A tag moves, and pods on nodes that pulled it at another time run another image: with its
   * digest all run the same, `RcloneVersion.of('1.76.0', 'rclone/rclone:1.76.0@sha256:...')`. A mirror is named by the
   * whole reference.
   *
   * @param version the version, as `1.75.1`
   * @param image an image that behaves like the official one of that version
   * @throws if the version is not known, or the image is no reference, is one of another engine or version, or has no
   * tag but `latest`
   */
  public static of(version: string, image: string): RcloneVersion {
    checkVersion(version, image, KNOWN);
    return new RcloneVersion(version, image);
  }

  /** Else the version of another engine would have the same type. */
  declare private readonly brand: 'RcloneVersion';

  private constructor(
    /** The version, as `1` or `1.75.1`. */
    public readonly version: string,
    /** The image. */
    public readonly image: string,
  ) {}
}
