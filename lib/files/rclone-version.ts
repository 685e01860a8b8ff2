import { checkVersion } from '../private/version';

/** The scripts are proven from there on. */
const OLDEST = '1.75';

/**
 * A version of rclone and the official image that has it.
 */
export class RcloneVersion {
  /** rclone 1. @see https://hub.docker.com/r/rclone/rclone */
  public static readonly V1 = RcloneVersion.of('1', 'rclone/rclone:1');

  /**
   * Another version or image: a minor release, a digest, a mirror. Pin a minor release to decide yourself when it changes.
   *
   * @param version the version, as `1.75.1`
   * @param image an image that behaves like the official one of that version
   * @throws if the version is not 1.75 or later, or if the image is empty
   */
  public static of(version: string, image: string): RcloneVersion {
    checkVersion(version, image, OLDEST);
    return new RcloneVersion(version, image);
  }

  private constructor(
    /** The version, as `1` or `1.75.1`. */
    public readonly version: string,
    /** The image. */
    public readonly image: string,
  ) {}
}
