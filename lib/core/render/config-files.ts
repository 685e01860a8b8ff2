import { SetModel } from '../model';
import { CREDENTIALS_PATH, SOURCE_CREDENTIALS_PATH } from './layout';
import { settingsFile } from './settings';

/** What the props say in a form that scripts and server can read, by file name: other files are what pods restart for. */
export function configFiles({ engine, maxLag, gracePeriod, onPrimaryVolumeLoss }: SetModel): { [fileName: string]: string } {
  const settings = {
    port: String(engine.port),
    volume: engine.volumePath,
    credentials: CREDENTIALS_PATH,
    max_lag: String(maxLag.toSeconds()),
    // The other half is the server's, to write out what it has in memory.
    leave_timeout: String(Math.floor(gracePeriod.toSeconds() / 2)),
    // Its name is older than the prop's: pods read it while they wait, those of a former version too.
    lost_primary: onPrimaryVolumeLoss,
    ...engine.source && {
      source_host: engine.source.host,
      source_port: String(engine.source.port),
      source_credentials: SOURCE_CREDENTIALS_PATH,
    },
  };
  return { 'settings.sh': settingsFile({ ...settings, ...engine.settings }), ...engine.configFiles };
}
