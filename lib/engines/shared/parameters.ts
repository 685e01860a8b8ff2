/** A setting of the server's configuration file that a user gave. */
export interface GivenParameter {
  readonly name: string;
  readonly value: string;
  /** Why it must not be set, and what to do instead of that; undefined if it may. */
  readonly why: string | undefined;
  /** What names look like, as a pattern and in words. */
  readonly names: RegExp;
  readonly help: string;
}

/** Refuse what is no setting, what would break a promise, and what would end the line. */
export function checkParameter({ name, value, why, names, help }: GivenParameter): void {
  if (!names.test(name)) {
    throw new Error(`parameters must have names in lower case (${help}), got '${name}'`);
  }
  if (why !== undefined) {
    throw new Error(`parameters must not set '${name}', got '${value}': ${why}`);
  }
  if (/[\r\n\0]/.test(value)) {
    throw new Error(`parameters must have values of one line, got ${JSON.stringify(value)} for '${name}'`);
  }
}

/** A part of so many mebibytes, rounded, within bounds. */
export function share(of: number, part: number, least: number, most: number): number {
  return Math.round(Math.min(most, Math.max(least, of * part)));
}
