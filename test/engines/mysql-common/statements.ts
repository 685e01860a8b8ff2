/** Lines of SQL, those of one statement as one: what it goes on with is indented. */
export function statements(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : lines.join('\n').replaceAll(/\n +/g, ' ').split('\n');
}
