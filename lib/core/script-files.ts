import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The scripts that every engine's pods run; see each file's head. */
const SHARED = [
  'bootstrap.sh',
  'clock.sh',
  'copy.sh',
  'follow.sh',
  'former.sh',
  'lag.sh',
  'leave.sh',
  'pause.sh',
  'pod.sh',
  'pre-stop.sh',
  'prepare.sh',
  'process-1.sh',
  'run.sh',
  'secret.sh',
  'serve-status.pl',
  'session.sh',
  'started-server.sh',
  'started-sync.sh',
  'sync.sh',
  'tools.sh',
  'volume.sh',
];

const cache = new Map<string, string>();

/** Files of one folder, each read once per process: an app may hold a thousand databases. */
export function readScripts(folder: string, names: string[]): { [fileName: string]: string } {
  return Object.fromEntries(
    names.map((name) => {
      const path = join(folder, name);
      const text = cache.get(path) ?? readFileSync(path, 'utf8');
      cache.set(path, text);
      return [name, text];
    }),
  );
}

/**
 * The scripts of backups; see each file's head. One named like a function of the others is there instead of it: those
 * of a set without backups are as they were.
 */
const OF_BACKUPS = [
  'backup.sh',
  'base.sh',
  'chain.sh',
  'core_create_data.sh',
  'job.sh',
  'list-backups.sh',
  'prove.sh',
  'prune.sh',
  'restore.sh',
  'ship.sh',
  'stage-chunk.sh',
  'store.sh',
];

/** The scripts of backups, that know no engine. */
export function backupScripts(): { [fileName: string]: string } {
  return readScripts(join(__dirname, 'backup-scripts'), OF_BACKUPS);
}

/** The scripts that know no engine. */
export function sharedScripts(): { [fileName: string]: string } {
  return readScripts(join(__dirname, 'scripts'), SHARED);
}
