import { checkVersion } from '../shared/version';

/** The scripts are proven from there on. */
const KNOWN = { name: 'mysql', oldest: '8.4', latest: 29 };

/**
 * A version of MySQL and the official image that has it.
 */
export class MySqlVersion {
  /** MySQL 9.7, with long-term support. @see https://hub.docker.com/_/mysql */
  public static readonly V9_7 = MySqlVersion.of('9.7', 'mysql:9.7');

  /**
   * Another version or image: a minor release, a digest, a mirror. Pin a minor release to decide yourself when it
   * changes.
   *
   * 9.7 is proven; 8.4 takes the same statements, and neither that nor a later one is tried. A tag moves, and pods on
   * nodes that pulled it at another time run another image: with its digest all run the same, `MySqlVersion.of('9.7.2',
   * 'mysql:9.7.2@sha256:...')`. A mirror is named by the whole reference.
   *
   * @param version the version, as `9.7.2`
   * @param image an image that behaves like the official one of that version
   * @throws if the version is not known, or the image is no reference, is one of another engine or version, is built on
   * Alpine or UBI, or has no tag but `latest`
   */
  public static of(version: string, image: string): MySqlVersion {
    checkVersion(version, image, KNOWN);
    return new MySqlVersion(version, image);
  }

  /** Else the version of another engine would have the same type. */
  declare private readonly brand: 'MySqlVersion';

  private constructor(
    /** The version, as `9.7` or `9.7.2`. */
    public readonly version: string,
    /** The image. */
    public readonly image: string,
  ) {}
}
