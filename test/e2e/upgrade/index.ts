import { Row } from '../rows/row';
import { interruptedImport } from './interrupted-import';
import { majorVersion } from './major-version';
import { minorVersion } from './minor-version';

/** What runs for each change: it restarts pods as a minor version does, too. */
export const UPGRADES: readonly Row[] = [majorVersion];

/** And what takes longer. The last deletes the set that it began with. */
export const UPGRADES_IN_FULL: readonly Row[] = [minorVersion, interruptedImport, majorVersion];
