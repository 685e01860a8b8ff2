import { checkVersion } from '../private/version';

/** The scripts are proven from there on. */
const OLDEST = '8.4';

/**
 * A version of MySQL and the official image that has it.
 */
export class MySqlVersion {
  /** MySQL 9.7, with long-term support. @see https://hub.docker.com/_/mysql */
  public static readonly V9_7 = MySqlVersion.of('9.7', 'mysql:9.7');

  /**
   * Another version or image: a minor release, a digest, a mirror. Pin a minor release to decide yourself when it changes.
   *
   * @param version the version, as `9.7.2`
   * @param image an image that behaves like the official one of that version
   * @throws if the version is not 8.4 or later, or if the image is empty
   */
  public static of(version: string, image: string): MySqlVersion {
    checkVersion(version, image, OLDEST);
    return new MySqlVersion(version, image);
  }

  private constructor(
    /** The version, as `9.7` or `9.7.2`. */
    public readonly version: string,
    /** The image. */
    public readonly image: string,
  ) {}
}
