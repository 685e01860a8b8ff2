import { checkVersion } from '../private/version';

/** Scripts use what PostgreSQL 17 brought, and are proven from there on. */
const OLDEST = '17';

/**
 * A version of PostgreSQL and the official image that has it.
 */
export class PostgresVersion {
  /** PostgreSQL 17. @see https://hub.docker.com/_/postgres */
  public static readonly V17 = PostgresVersion.of('17', 'postgres:17');

  /** PostgreSQL 18. @see https://hub.docker.com/_/postgres */
  public static readonly V18 = PostgresVersion.of('18', 'postgres:18');

  /**
   * Another version or image: a minor release, a digest, a mirror, an image with extensions. Pin a minor release to decide yourself
   * when it changes.
   *
   * @param version the version, beginning with its major number, as `17.11`
   * @param image an image that behaves like the official Debian-based one of that version
   * @throws if the version does not begin with a major number from 17 on, or if the image is empty
   */
  public static of(version: string, image: string): PostgresVersion {
    return new PostgresVersion(version, checkVersion(version, image, OLDEST), image);
  }

  private constructor(
    /** The version, as `17` or `17.11`. */
    public readonly version: string,
    /** The major version: data of one major version cannot be opened by another. */
    public readonly major: number,
    /** The image. */
    public readonly image: string,
  ) {}
}
