import { identity } from './01-identity';
import { oneWriter } from './02-one-writer';
import { ownCopy } from './03-own-copy';
import { sync } from './04-sync';
import { scaleUp } from './05-scale-up';
import { scaleDown } from './06-scale-down';
import { noVolume } from './07-no-volume';
import { replicaDies } from './08-replica-dies';
import { primaryDies } from './09-primary-dies';
import { orderedStart } from './10-ordered-start';
import { orderedStop } from './11-ordered-stop';
import { ownAddress } from './12-own-address';
import { blankPrimary } from './13-blank-primary';
import { interruptedClone } from './14-interrupted-clone';
import { logGap } from './15-log-gap';
import { largerVolumes } from './16-larger-volumes';
import { atRest, atRestWithoutVolume } from './at-rest';
import { attacker } from './attacker';
import { backup, pointInTime } from './backup';
import { allLost } from './all-lost';
import { storeAway, unsentLog } from './backup-faults';
import { incrementalBackup } from './backup-incremental';
import { killedBackup, killedRestore, killedShip, retention } from './backup-kills';
import { failingCopy } from './failing-copy';
import { failingStore } from './failing-store';
import { formerPrimary, formerPrimaryRemote } from './former-primary';
import { formerReplica } from './former-replica';
import { halfOpen } from './half-open';
import { longRecovery } from './long-recovery';
import { otherFiles } from './other-files';
import { promoted } from './promoted';
import { randomTimes } from './random-times';
import { Row } from './row';
import { settings } from './settings';

/**
 * In the order in which one set goes through them: each leaves three pods with data, the last makes a set of another
 * kind.
 */
export const ROWS: readonly Row[] = [
  ownCopy,
  identity,
  ownAddress,
  oneWriter,
  sync,
  scaleUp,
  scaleDown,
  replicaDies,
  primaryDies,
  orderedStart,
  interruptedClone,
  logGap,
  blankPrimary,
  promoted,
  orderedStop,
  attacker,
  ...settings,
  failingCopy,
  atRest,
  formerPrimaryRemote,
  largerVolumes,
  longRecovery,
  otherFiles,
  noVolume,
  atRestWithoutVolume,
  formerPrimary,
  formerReplica,
  halfOpen,
  backup,
  pointInTime,
  randomTimes,
  incrementalBackup,
  storeAway,
  unsentLog,
  allLost,
  failingStore,
  killedBackup,
  killedShip,
  killedRestore,
  retention,
];
