import { Chart, Size } from 'cdk8s';
import { Credentials, Postgres, PostgresVersion, Storage } from 'cdk8s-stateful';
import { Construct } from 'constructs';

export class Orders extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id, { namespace: 'shop' });
    new Postgres(this, 'orders', {
      version: PostgresVersion.V18,
      replicas: 3,
      storage: Storage.remote({ storageClassName: 'gp3', size: Size.gibibytes(100) }),
      credentials: Credentials.fromSecret('orders-credentials'),
    });
  }
}
