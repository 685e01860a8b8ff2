// A MySQL primary with two replicas, each on a remote volume of its own.
//
// It needs a Secret with three passwords, made once, before the first apply:
//
//   kubectl create secret generic mysql-credentials --from-literal=superuser-password="$(openssl rand -hex 16)" --from-literal=replication-password="$(openssl rand -hex 16)" --from-literal=password="$(openssl rand -hex 16)"
import { App, Chart, Size } from 'cdk8s';
import { Construct } from 'constructs';
import { Credentials, MySql, MySqlVersion, Storage } from '../lib';

export class MySqlExample extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new MySql(this, 'mysql', {
      version: MySqlVersion.V9_7,
      replicas: 3,
      storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(2) }),
      credentials: Credentials.fromSecret('mysql-credentials'),
    });
  }
}

if (require.main === module) {
  const app = new App();
  new MySqlExample(app, 'mysql');
  app.synth();
}
