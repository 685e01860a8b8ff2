const VERSION = /^([1-9]\d{0,2})(?:\.(\d{1,4}))?(?:\.\d{1,4})?$/;

/**
 * The major number of a version, checked together with its image.
 *
 * @param oldest the version from which on the scripts are proven, as `17` or `11.8`
 */
export function checkVersion(version: string, image: string, oldest: string): number {
  const [, major, minor] = VERSION.exec(version) ?? [];
  const [leastMajor, leastMinor = 0] = oldest.split('.').map(Number);
  // Without a minor number it is the newest of its major.
  if (!(Number(major) > leastMajor || Number(major) === leastMajor && Number(minor ?? leastMinor) >= leastMinor)) {
    throw new Error(`version must be '${oldest}' or later, with or without minor numbers, got '${version}'`);
  }
  if (!/^\S+$/.test(image)) {
    throw new Error(`image must be a reference without blanks, got '${image}'`);
  }
  return Number(major);
}
