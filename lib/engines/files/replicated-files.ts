import { Container } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { checkObject, shown } from '../../values/checks';
import { ReplicatedStatefulSet } from '../../core/replicated-stateful-set';
import { applicationContainer } from './private/application';
import { FilesEngine } from './private/files-engine';
import { ReplicatedFilesProps } from './replicated-files-props';

/** On the volume, what the application sees (`lib/engines/files/scripts/data.sh`). */
const FILES = 'current/files';

/**
 * Plain files for an application of your own: it writes them at ordinal 0, and every other pod's copy follows, usually
 * within seconds.
 *
 * A file becomes visible at a replica as a whole or not at all, by a rename, as it was on the primary at one moment.
 * Each file by itself: two that belong together may arrive one after the other. So this is for documents, images,
 * artefacts, configuration, and **not** for the files of a database that runs: take the database's own replication for
 * those.
 *
 * @example
 * new ReplicatedFiles(chart, 'files', {
 *   replicas: 3,
 *   storage: Storage.remote({ storageClassName: 'gp3', size: Size.gibibytes(100) }),
 *   credentials: Credentials.fromSecret('files-credentials'),
 *   container: { image: 'rclone/rclone:1', args: ['serve', 'webdav', '/data', '--addr', ':8080'], portNumber: 8080 },
 * });
 */
export class ReplicatedFiles extends ReplicatedStatefulSet {
  /** The application's container. */
  public readonly application: Container;

  /**
   * @throws what `ReplicatedStatefulSet` does; if the application's user is root or the files' own, or it asks for what
   * would let it write on a replica; if `mountPath` is not absolute; if `image` is no reference; if `replicationPort`
   * is no port
   */
  constructor(scope: Construct, id: string, props: ReplicatedFilesProps) {
    checkObject('container', checkObject('props', props).container);
    const application = applicationContainer(props.container);
    const mountPath = checkMountPath(props.mountPath ?? '/data');
    super(scope, id, { ...props, engine: new FilesEngine(props) });
    this.application = new Container(application);
    this.attachContainer(this.application);
    this.application.mount(mountPath, this.dataVolume, { subPath: FILES });
  }
}

function checkMountPath(path: string): string {
  if ((typeof path as unknown) !== 'string' || !/^\/[^:\0-\x1f]+$/.test(path) || path.split('/').includes('..')) {
    throw new Error(`mountPath must be an absolute path without ':', below '/', got ${shown(path)}`);
  }
  return path;
}
