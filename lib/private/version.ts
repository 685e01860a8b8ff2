const VERSION = /^([1-9]\d{0,2})(?:\.\d{1,4}){0,2}$/;

/**
 * The major number of a version, checked together with its image.
 *
 * @param oldest the major version from which on the scripts are proven
 */
export function checkVersion(version: string, image: string, oldest: number): number {
  const major = Number(VERSION.exec(version)?.[1]);
  if (!(major >= oldest)) {
    throw new Error(`version must be '${oldest}' or later, with or without minor numbers, got '${version}'`);
  }
  if (!/^\S+$/.test(image)) {
    throw new Error(`image must be a reference without blanks, got '${image}'`);
  }
  return major;
}
