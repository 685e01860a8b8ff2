import { createHash } from 'node:crypto';

/** Long enough that no two of a repository's are alike by chance. */
const LENGTH = 16;

/** A short digest of a text, the same wherever and whenever it is made. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, LENGTH);
}

/** The same of files by name, in whatever order they come. */
export function digestFiles(...maps: { readonly [fileName: string]: string }[]): string {
  const files = maps.flatMap((map) => Object.entries(map)).sort(([a], [b]) => (a < b ? -1 : 1));
  return digest(files.map(([name, text]) => `${name}\0${text}\0`).join(''));
}
