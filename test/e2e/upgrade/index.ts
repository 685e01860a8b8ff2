import { Row } from '../rows/row';
import { backupsOfBoth } from './backups-of-both';
import { formerScripts } from './former-scripts';
import { interruptedImport } from './interrupted-import';
import { majorVersion } from './major-version';
import { minorVersion } from './minor-version';

/** In the full run only. The last deletes the set that it began with. */
export const UPGRADES_IN_FULL: readonly Row[] = [
  minorVersion,
  formerScripts,
  interruptedImport,
  majorVersion,
  backupsOfBoth,
];
