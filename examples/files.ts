// A folder that is shared over WebDAV: written through the primary, read from anyone who is ready. The application is
// rclone, as it can serve a folder; it could be any that keeps plain files.
//
// It needs a Secret with one password, made once, before the first apply:
//
//   kubectl create secret generic files-credentials --from-literal=replication-password="$(openssl rand -hex 16)"
import { App, Chart, Size } from 'cdk8s';
import { Cpu, EnvValue } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Credentials, ReplicatedFiles, Storage } from '../lib';

export class FilesExample extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new ReplicatedFiles(this, 'files', {
      replicas: 3,
      storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(2) }),
      credentials: Credentials.fromSecret('files-credentials'),
      container: {
        name: 'webdav',
        image: 'rclone/rclone:1',
        command: ['rclone'],
        args: ['serve', 'webdav', '/data', '--addr=:8080', '--dir-cache-time=1s'],
        envVariables: { RCLONE_CONFIG: EnvValue.fromValue('notfound') },
        portNumber: 8080,
        resources: {
          cpu: { request: Cpu.millis(50) },
          memory: { request: Size.mebibytes(128), limit: Size.mebibytes(256) },
        },
      },
    });
  }
}

if (require.main === module) {
  const app = new App();
  new FilesExample(app, 'files');
  app.synth();
}
