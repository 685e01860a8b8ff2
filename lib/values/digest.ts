import { createHash } from 'node:crypto';

/** A short digest of files by name, the same wherever and whenever it is made. */
export function hashOf(...maps: { [fileName: string]: string }[]): string {
  const hash = createHash('sha256');
  for (const [name, text] of maps.flatMap((map) => Object.entries(map)).sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name}\0${text}\0`);
  }
  return hash.digest('hex').slice(0, 16);
}
