import { join } from 'node:path';
import { ContainerProps } from 'cdk8s-plus-28';
import { Engine } from '../../engine';
import { checkPort } from '../../private/checks';
import { readScripts } from '../../private/scripts';
import { checkInstance } from '../../private/values';
import { RcloneVersion } from '../rclone-version';
import { ReplicatedFilesProps } from '../replicated-files-props';

const SCRIPTS = [
  'engine.sh', 'engine-sync.sh', 'server.sh', 'publish.sh', 'follow.sh', 'apply.sh', 'scan.sh', 'manifest.sh', 'data.sh', 'peers.sh', 'tools.sh', 'pause.sh',
  'lines.awk', 'manifest.awk', 'checksums.awk', 'linger.awk', 'missed.awk', 'of-paths.awk', 'own-words.awk', 'delta.awk', 'apply-delta.awk', 'changes.awk', 'verify.awk',
  'reached.awk', 'doubtful.awk', 'resummed.awk', 'known.awk',
];

/** Plain files as the core needs to know them. */
export function filesEngine(props: ReplicatedFilesProps): Engine {
  const { image, version } = checkInstance('rclone', props.rclone ?? RcloneVersion.V1, RcloneVersion, 'an RcloneVersion, as RcloneVersion.V1');
  return {
    name: 'rclone',
    version,
    image,
    shell: 'sh',
    user: 999,
    port: checkPort('replicationPort', props.replicationPort ?? 8022),
    clientPort: firstPort(props.container),
    volumePath: '/var/lib/files',
    scratch: [{ name: 'tmp', path: '/tmp' }],
    scripts: readScripts(join(__dirname, '..', 'scripts'), SCRIPTS),
    configFiles: {},
    settings: {},
    secretKeys: { 'replication-password': props.credentials.replicationPasswordKey },
  };
}

function firstPort(container: ContainerProps): number | undefined {
  return container.portNumber ?? container.port ?? container.ports?.at(0)?.number;
}
