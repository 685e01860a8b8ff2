import { SetModel } from '../model';
import { CREDENTIALS_PATH, SOURCE_CREDENTIALS_PATH } from './layout';
import { settingsFile } from './settings';

/** What the props say in a form that scripts and server can read, by file name: other files are what pods restart for. */
export function configFiles({ engine, maxLag, gracePeriod, lostPrimary }: SetModel): { [fileName: string]: string } {
  const settings = {
    port: String(engine.port),
    volume: engine.volumePath,
    credentials: CREDENTIALS_PATH,
    max_lag: String(maxLag.toSeconds()),
    // The other half is the server's, to write out what it has in memory.
    leave_timeout: String(Math.floor(gracePeriod.toSeconds() / 2)),
    lost_primary: lostPrimary,
    ...engine.source && {
      source_host: engine.source.host,
      source_port: String(engine.source.port),
      source_credentials: SOURCE_CREDENTIALS_PATH,
    },
  };
  const taken = Object.keys(engine.settings).find((name) => Object.hasOwn(settings, name));
  if (taken !== undefined) {
    throw new Error(`engine.settings must not have '${taken}', got '${engine.settings[taken]}': the library sets it`);
  }
  return { 'settings.sh': settingsFile({ ...settings, ...engine.settings }), ...engine.configFiles };
}
