/**
 * `settings.sh`: what the props say, as shell variables. One place for all containers; a reviewer sees a changed prop
 * as one line.
 */
export function settingsFile(settings: { [name: string]: string }): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${quote(value)}\n`)
    .join('');
}

/** Plain words stay as they are: the file is read by people. */
function quote(value: string): string {
  return /^[-\w./:]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
