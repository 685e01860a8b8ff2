// A MariaDB primary with two replicas, each on a remote volume of its own.
//
// It needs a Secret with three passwords, made once, before the first apply:
//
//   kubectl create secret generic mariadb-credentials --from-literal=superuser-password="$(openssl rand -hex 16)" --from-literal=replication-password="$(openssl rand -hex 16)" --from-literal=password="$(openssl rand -hex 16)"
import { App, Chart, Size } from 'cdk8s';
import { Construct } from 'constructs';
import { Credentials, MariaDb, MariaDbVersion, Storage } from '../lib';

export class MariaDbExample extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new MariaDb(this, 'mariadb', {
      version: MariaDbVersion.V11_8,
      replicas: 3,
      storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(2) }),
      credentials: Credentials.fromSecret('mariadb-credentials'),
    });
  }
}

if (require.main === module) {
  const app = new App();
  new MariaDbExample(app, 'mariadb');
  app.synth();
}
