import { checkVersion } from '../shared/version';

/** The scripts are proven from there on. */
const KNOWN = { name: 'mariadb', oldest: '11.8', latest: 19 };

/**
 * A version of MariaDB and the official image that has it.
 */
export class MariaDbVersion {
  /** MariaDB 11.8, with long-term support. @see https://hub.docker.com/_/mariadb */
  public static readonly V11_8 = MariaDbVersion.of('11.8', 'mariadb:11.8');

  /**
   * Another version or image: a minor release, a digest, a mirror. Pin a minor release to decide yourself when it
   * changes.
   *
   * 11.8 is proven; later ones are accepted, and not tried. A tag moves, and pods on nodes that pulled it at another
   * time run another image: with its digest all run the same, `MariaDbVersion.of('11.8.8',
   * 'mariadb:11.8.8-noble@sha256:...')`. A mirror is named by the whole reference.
   *
   * @param version the version, as `11.8.8`
   * @param image an image that behaves like the official Ubuntu-based one of that version
   * @throws if the version is not known, or the image is no reference, is one of another engine or version, is built on
   * Alpine or UBI, or has no tag but `latest`
   */
  public static of(version: string, image: string): MariaDbVersion {
    checkVersion(version, image, KNOWN);
    return new MariaDbVersion(version, image);
  }

  /** Else the version of another engine would have the same type. */
  declare private readonly brand: 'MariaDbVersion';

  private constructor(
    /** The version, as `11.8` or `11.8.8`. */
    public readonly version: string,
    /** The image. */
    public readonly image: string,
  ) {}
}
