/** What a call throws, by its message; or that it did not. */
export function refusalOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    return (error as Error).message;
  }
  return '(nothing was refused)';
}
