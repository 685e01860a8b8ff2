// PostgreSQL 17 to 18: a second set takes the first one's data over, while the first one is read-only. This is the
// second of four commits:
//
//   1. add `shop-18` with `importFrom`, and wait until its log says "all is well"
//   2. set `readOnly` on `shop`: writes stop, the data is imported and compared, `shop-18` serves
//   3. give the applications `shop18.primary`: writes go on. In the same commit as 2, if they wait for their database
//      to answer
//   4. remove `shop` and `importFrom`
//
// Until the applications write to `shop-18`, taking `readOnly` back is the way back.
//
// Each set has a Secret of its own. The first one is that of the set that is there; the second, with new passwords, is
// made before all else:
//
//   kubectl create secret generic shop-credentials --from-literal=superuser-password="$(openssl rand -hex 16)" --from-literal=replication-password="$(openssl rand -hex 16)" --from-literal=password="$(openssl rand -hex 16)"
//   kubectl create secret generic shop-18-credentials --from-literal=superuser-password="$(openssl rand -hex 16)" --from-literal=replication-password="$(openssl rand -hex 16)" --from-literal=password="$(openssl rand -hex 16)"
import { App, Chart, Size } from 'cdk8s';
import { Construct } from 'constructs';
import { Credentials, Postgres, PostgresSource, PostgresVersion, Storage } from '../lib';

export class PostgresUpgradeExample extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const shop = new Postgres(this, 'shop', {
      version: PostgresVersion.V17,
      replicas: 3,
      storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(2) }),
      credentials: Credentials.fromSecret('shop-credentials'),
      readOnly: true,
      superuserFromNetwork: true, // the other set reads as the superuser
    });
    new Postgres(this, 'shop-18', {
      version: PostgresVersion.V18,
      replicas: 3,
      storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(2) }),
      credentials: Credentials.fromSecret('shop-18-credentials'),
      importFrom: PostgresSource.fromSet(shop),
    });
  }
}

if (require.main === module) {
  const app = new App();
  new PostgresUpgradeExample(app, 'postgres-upgrade');
  app.synth();
}
