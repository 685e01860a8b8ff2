import { checkVersion } from '../private/version';

/** The scripts are proven from there on. */
const OLDEST = '11.8';

/**
 * A version of MariaDB and the official image that has it.
 */
export class MariaDbVersion {
  /** MariaDB 11.8, with long-term support. @see https://hub.docker.com/_/mariadb */
  public static readonly V11_8 = MariaDbVersion.of('11.8', 'mariadb:11.8');

  /**
   * Another version or image: a minor release, a digest, a mirror. Pin a minor release to decide yourself when it changes.
   *
   * @param version the version, as `11.8.8`
   * @param image an image that behaves like the official Ubuntu-based one of that version
   * @throws if the version is not 11.8 or later, or if the image is empty
   */
  public static of(version: string, image: string): MariaDbVersion {
    checkVersion(version, image, OLDEST);
    return new MariaDbVersion(version, image);
  }

  private constructor(
    /** The version, as `11.8` or `11.8.8`. */
    public readonly version: string,
    /** The image. */
    public readonly image: string,
  ) {}
}
