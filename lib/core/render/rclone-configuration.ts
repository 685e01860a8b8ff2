import { BackupStore } from '../../backups/backup-store';

/** What a set uses a store for, and the name of the remote in rclone's configuration. */
export type StoreUse = 'backup' | 'restore';

/** The store and its folder, in rclone's words. */
export function remoteOf(use: StoreUse, { _remote, _path }: BackupStore): string {
  return `${_remote ?? use}:${_path}`;
}

/**
 * rclone's configuration without any key: those come from the Secret, when a script runs. None where the Secret has the
 * whole file.
 */
export function rcloneConfiguration(use: StoreUse, { _options }: BackupStore): { [fileName: string]: string } {
  if (_options === undefined) return {};
  const lines = Object.entries(_options).map(([option, value]) => `${option} = ${value}\n`);
  return { [`rclone-${use}.conf`]: `[${use}]\n${lines.join('')}` };
}
