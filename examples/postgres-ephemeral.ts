// PostgreSQL without any volume: what one pod loses, the others give back. For data that may be lost when all pods are
// gone at once.
//
// It needs a Secret with three passwords, made once, before the first apply:
//
//   kubectl create secret generic postgres-ephemeral-credentials --from-literal=superuser-password="$(openssl rand -hex 16)" --from-literal=replication-password="$(openssl rand -hex 16)" --from-literal=password="$(openssl rand -hex 16)"
import { App, Chart, Size } from 'cdk8s';
import { Construct } from 'constructs';
import { Credentials, Postgres, PostgresVersion, Storage } from '../lib';

export class PostgresEphemeralExample extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new Postgres(this, 'postgres-ephemeral', {
      version: PostgresVersion.V18,
      replicas: 3,
      storage: Storage.ephemeral({ sizeLimit: Size.gibibytes(2) }),
      credentials: Credentials.fromSecret('postgres-ephemeral-credentials'),
    });
  }
}

if (require.main === module) {
  const app = new App();
  new PostgresEphemeralExample(app, 'postgres-ephemeral');
  app.synth();
}
