import { join } from 'node:path';
import { Size } from 'cdk8s';
import { ContainerProps } from 'cdk8s-plus-28';
import { EngineConfig, IEngine, ScratchDirectory } from '../../../core/engine';
import { ReplicatedSystem } from '../../../core/replicated-system';
import { readScripts } from '../../../core/script-files';
import { checkInstance, checkPort, shown } from '../../../values/checks';
import { isImage } from '../../../values/image';
import { RcloneVersion } from '../rclone-version';
import { ReplicatedFilesProps } from '../replicated-files-props';

const SCRIPTS = [
  'engine.sh',
  'engine-sync.sh',
  'server.sh',
  'publish.sh',
  'follow.sh',
  'apply.sh',
  'scan.sh',
  'manifest.sh',
  'lists.sh',
  'data.sh',
  'keys.sh',
  'peers.sh',
  'sum.sh',
  'lines.awk',
  'end.awk',
  'all-of.awk',
  'without.awk',
  'manifest.awk',
  'sound.awk',
  'checksums.awk',
  'missing.awk',
  'verdicts.awk',
  'keep.awk',
  'own-words.awk',
  'delta.awk',
  'small.awk',
  'compose.awk',
  'apply-delta.awk',
  'differ.awk',
  'to-change.awk',
  'verify.awk',
  'reached.awk',
  'doubtful.awk',
  'resummed.awk',
  'known.awk',
];

const BACKUP_SCRIPTS = [
  'engine_prepare.sh',
  'meet_peers.sh',
  'engine-backup.sh',
  'engine-restore.sh',
  'contents.sh',
  'log-fetch.sh',
  'log-look.sh',
  'log-parts.sh',
  'log-ship.sh',
  'keep-contents.pl',
  'place-contents.pl',
  'contents-of.awk',
  'files-of.awk',
  'look.awk',
  'matched.awk',
  'replay-lists.awk',
  'same-tree.awk',
  'still-wanted.awk',
  'wanted.awk',
];

/** The scripts need bash, GNU's tools, perl and flock, which all of Debian's images have. */
const IMAGE = 'debian:13-slim';

/**
 * Some kilobyte for each entry of the tree, which no application's files come near; beyond, the kubelet evicts the pod
 * before the node's disk is full.
 */
const LISTS: ScratchDirectory = { name: 'lists', path: '/var/cache/stateful', sizeLimit: Size.gibibytes(4) };

/** Whom the files of a replica belong to. */
export const FILES_USER = 999;

/** Plain files, as the core knows them. */
export class FilesEngine implements IEngine {
  constructor(private readonly props: ReplicatedFilesProps) {}

  /** What plain files need of a system. */
  public bind({ credentials }: ReplicatedSystem): EngineConfig {
    const { rclone = RcloneVersion.V1, image = IMAGE, replicationPort = 8022, container } = this.props;
    const { image: rcloneImage, version } = checkInstance(
      'rclone',
      rclone,
      RcloneVersion,
      'an RcloneVersion, as RcloneVersion.V1',
    );
    return {
      name: 'rclone',
      version,
      image: checkImage(image),
      rcloneImage,
      user: FILES_USER,
      port: checkPort('replicationPort', replicationPort),
      clientPort: firstPort(container),
      volumePath: '/var/lib/files',
      scratch: [{ name: 'tmp', path: '/tmp', sizeLimit: Size.mebibytes(64) }, LISTS],
      scripts: readScripts(join(__dirname, '..', 'scripts'), SCRIPTS),
      backupScripts: readScripts(join(__dirname, '..', 'backup-scripts'), BACKUP_SCRIPTS),
      keepsUnsentLog: true,
      configFiles: {},
      settings: { lists: LISTS.path },
      secretKeys: { 'replication-password': credentials.replicationPasswordKey },
    };
  }
}

function checkImage(image: string): string {
  if (!isImage(image)) {
    throw new Error(
      `image must be a reference in lower case without blanks, as '${IMAGE}' or a mirror of it, got ${shown(image)}`,
    );
  }
  return image;
}

/** Where clients reach the application. */
export function firstPort(container: ContainerProps): number | undefined {
  return container.portNumber ?? container.port ?? container.ports?.at(0)?.number;
}
