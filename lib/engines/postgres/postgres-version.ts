import { checkVersion } from '../shared/version';

/** Scripts use what PostgreSQL 17 brought, and are proven from there on. */
const KNOWN = { name: 'postgres', oldest: '17', latest: 29 };

/**
 * A version of PostgreSQL and the official image that has it.
 */
export class PostgresVersion {
  /**
   * PostgreSQL 17 on Debian 13. The tag names the release of Debian: `postgres:17` alone moves to the next one, whose C
   * library sorts text in another order than the indexes were made in.
   * @see https://hub.docker.com/_/postgres
   */
  public static readonly V17 = PostgresVersion.of('17', 'postgres:17-trixie');

  /** PostgreSQL 18 on Debian 13. @see https://hub.docker.com/_/postgres */
  public static readonly V18 = PostgresVersion.of('18', 'postgres:18-trixie');

  /**
   * Another version or image: a minor release, a digest, a mirror, an image with extensions. Pin a minor release to
   * decide yourself when it changes.
   *
   * 17 and 18 are proven; later ones are accepted, and not tried. A tag moves, and pods on nodes that pulled it at
   * another time run another image: with its digest all run the same, `PostgresVersion.of('18.6',
   * 'postgres:18.6-trixie@sha256:...')`. A mirror is named by the whole reference.
   *
   * @param version the version, beginning with its major number, as `17.11`
   * @param image an image that behaves like the official Debian-based one of that version
   * @throws if the version is not known, or the image is no reference, is one of another engine or version, is built on
   * Alpine or UBI, or has no tag but `latest`
   */
  public static of(version: string, image: string): PostgresVersion {
    return new PostgresVersion(version, checkVersion(version, image, KNOWN), image);
  }

  /** Else the version of another engine would have the same type. */
  declare private readonly brand: 'PostgresVersion';

  private constructor(
    /** The version, as `17` or `17.11`. */
    public readonly version: string,
    /** The major version: data of one major version cannot be opened by another. */
    public readonly major: number,
    /** The image. */
    public readonly image: string,
  ) {}
}
