import { parseImage } from '../../values/images';
import { compareVersions } from '../../values/versions';
import { shown } from '../../values/checks';
import { IMAGE } from '../../values/image';

const VERSION = /^([1-9]\d{0,2})(?:\.(\d{1,4}))?(?:\.\d{1,4})?$/;

const OTHER_BASE = /alpine|ubi\d/;

/** What the official images are called; a mirror keeps the name. */
const OFFICIAL = ['postgres', 'mysql', 'mariadb', 'redis', 'valkey', 'rclone'];
/** A tag that begins with more is a date. */
const MOST_MAJOR = 999;

/** Of which versions the library knows how they behave. */
export interface KnownVersions {
  /** The name of the official image, without registry and folders. */
  readonly name: string;
  /** The version from which on the scripts are proven, as `17` or `11.8`. */
  readonly oldest: string;
  /** A major version that is years away: a higher one is a slip of the pen. */
  readonly latest: number;
  /** Whether the official image is itself built on Alpine. */
  readonly onAlpine?: boolean;
}

/**
 * The major number of a version, checked together with its image.
 */
export function checkVersion(version: string, image: string, known: KnownVersions): number {
  const { oldest, latest } = known;
  const [, major, minor] = VERSION.exec(version) ?? [];
  const [leastMajor, leastMinor = 0] = oldest.split('.').map(Number);
  // Without a minor number it is the newest of its major.
  if (
    (typeof version as unknown) !== 'string' ||
    !(Number(major) > leastMajor || (Number(major) === leastMajor && Number(minor ?? leastMinor) >= leastMinor))
  ) {
    const isUnreleased = (typeof version as unknown) === 'string' && /^\d+(alpha|beta|rc)\d+$/.test(version);
    throw new Error(
      `version must be '${oldest}' or later, with or without minor numbers, got ${shown(version)}${isUnreleased ? ': a version that is not released may not open what it wrote before' : ''}`,
    );
  }
  if (Number(major) > latest) {
    throw new Error(
      `version must be of a major version from ${leastMajor} to ${latest}, got '${version}': there is none such`,
    );
  }
  checkImage(version, image, known);
  return Number(major);
}

/**
 * Refuse what no container runtime takes; what moves by itself to another major version; what the scripts cannot run
 * in; and another version than is said.
 */
function checkImage(version: string, image: string, { name, onAlpine }: KnownVersions): void {
  if ((typeof image as unknown) !== 'string' || !/^\S+$/.test(image)) {
    throw new Error(`image must be a reference without blanks, got ${shown(image)}`);
  }
  const [reference, tag, digest] = IMAGE.exec(image) ?? [];
  if (reference === undefined) {
    throw new Error(
      `image must be a reference in lower case, as '${name}:${version}' or 'registry.example.com/${name}:${version}@sha256:...', got '${image}'`,
    );
  }
  if (digest === undefined && (tag === undefined || tag === 'latest')) {
    throw new Error(
      `image must have a tag of one major version, or a digest, got '${image}': 'latest' moves to versions that do not open the data`,
    );
  }
  const facts = parseImage(image);
  if (onAlpine !== true && tag !== undefined && OTHER_BASE.test(tag)) {
    throw new Error(
      `image must be the official one's default, got '${image}': one on Alpine or UBI lacks programs or users that the scripts need; take '${image.replace(/:[^/]*$/, '')}:${version}'`,
    );
  }
  if (!OFFICIAL.includes(facts.name)) return;
  if (facts.name !== name) {
    throw new Error(`image must be one of ${name}, got '${image}'`);
  }
  if (
    facts.version !== undefined &&
    Number.parseInt(facts.version) <= MOST_MAJOR &&
    compareVersions(version, facts.version) !== 0
  ) {
    throw new Error(`image must be of version ${version}, as the version says, got '${image}'`);
  }
}
