import { Size, SizeRoundingBehavior } from 'cdk8s';
import { Backup, StoreOutage } from '../../backups/backup';
import { SetModel } from '../model';
import { rcloneConfiguration, remoteOf } from './rclone-configuration';
import { CREDENTIALS_PATH, SOURCE_CREDENTIALS_PATH } from './layout';
import { settingsFile } from './settings';

const MEBIBYTE = 1 << 20;
/** Where nothing limits the volume. */
const LIMITLESS = Size.gibibytes(10);

/**
 * What the props say in a form that scripts and server can read, by file name: other files are what pods restart for.
 */
export function configFiles({
  engine,
  maxLag,
  gracePeriod,
  onPrimaryVolumeLoss,
  name,
  volume,
  backup,
  restoreFrom,
}: SetModel): { [fileName: string]: string } {
  const settings = {
    port: String(engine.port),
    volume: engine.volumePath,
    credentials: CREDENTIALS_PATH,
    max_lag: String(maxLag.toSeconds()),
    // The other half is the server's, to write out what it has in memory.
    leave_timeout: String(Math.floor(gracePeriod.toSeconds() / 2)),
    // Its name is older than the prop's: pods read it while they wait, those of a former version too.
    lost_primary: onPrimaryVolumeLoss,
    ...(engine.source && {
      source_host: engine.source.host,
      source_port: String(engine.source.port),
      source_credentials: SOURCE_CREDENTIALS_PATH,
    }),
    ...(backup && {
      declared_name: name,
      backup_remote: remoteOf('backup', backup.store),
      backup_sealed: backup.encryption === undefined ? 'no' : 'yes',
      max_data_loss: String(backup.maxDataLoss.toSeconds()),
      max_unshipped: String(unshippedBytes(backup, volume)),
      retention: String(backup.retention.toSeconds()),
      ...(backup.fullBackupEvery > 1 && { full_backup_every: String(backup.fullBackupEvery) }),
      ...(engine.backsUpFromVolume === true && { backs_up_from_volume: 'yes' }),
      // Kibibytes a second, which is rclone's own unit.
      ...(backup.rateLimit && { rate_limit: String(backup.rateLimit.toKibibytes()) }),
    }),
    ...(restoreFrom && {
      restore_remote: remoteOf('restore', restoreFrom.store),
      restore_sealed: restoreFrom.encryption === undefined ? 'no' : 'yes',
      restore_name: restoreFrom.name,
      restore_namespace: restoreFrom.namespaceName,
      restore_until: restoreFrom.until,
    }),
  };
  return {
    'settings.sh': settingsFile({ ...settings, ...engine.settings }),
    ...engine.configFiles,
    ...(backup && rcloneConfiguration('backup', backup.store)),
    ...(restoreFrom && rcloneConfiguration('restore', restoreFrom.store)),
  };
}

/** How much of the log may wait for the store; 0 for all that the volume holds. */
function unshippedBytes({ maxUnshipped, onStoreOutage }: Backup, volume: Size | undefined): number {
  if (onStoreOutage === StoreOutage.KEEP_LOG) return 0;
  if (maxUnshipped !== undefined) return maxUnshipped.toMebibytes({ rounding: SizeRoundingBehavior.FLOOR }) * MEBIBYTE;
  return volume === undefined
    ? LIMITLESS.toMebibytes() * MEBIBYTE
    : Math.max(Math.floor(volume.toMebibytes({ rounding: SizeRoundingBehavior.FLOOR }) / 5), 64) * MEBIBYTE;
}
