// A Deployment that writes through the primary and reads from anyone who is ready. Its database is in the same chart,
// so that the addresses cannot be mistyped.
//
// It needs a Secret with three passwords, made once, before the first apply:
//
//   kubectl create secret generic orders-credentials --from-literal=superuser-password="$(openssl rand -hex 16)" --from-literal=replication-password="$(openssl rand -hex 16)" --from-literal=password="$(openssl rand -hex 16)"
import { App, Chart, Size } from 'cdk8s';
import { Capability, Cpu, Deployment, EnvValue, ImagePullPolicy, SeccompProfileType, Secret } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Credentials, Postgres, PostgresVersion, Storage } from '../lib';

// Once a second: write a row through the primary, count the rows from a reader.
const WORK = `trap exit INT TERM
until psql -qh "$DB_WRITE_HOST" -c 'CREATE TABLE IF NOT EXISTS orders (at timestamptz PRIMARY KEY DEFAULT clock_timestamp())'; do sleep 1; done
while sleep 1; do
  psql -qh "$DB_WRITE_HOST" -c 'INSERT INTO orders DEFAULT VALUES'
  psql -Ath "$DB_READ_HOST" -c 'SELECT count(*) FROM orders'
done`;

export class AppExample extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const credentials = Credentials.fromSecret('orders-credentials');
    const orders = new Postgres(this, 'orders', {
      version: PostgresVersion.V17,
      replicas: 2,
      storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(2) }),
      credentials,
    });

    const api = new Deployment(this, 'api', {
      replicas: 1,
      securityContext: { ensureNonRoot: true, user: 999, group: 999 },
    });
    const secret = Secret.fromSecretName(this, 'credentials', credentials.secretName);
    api.addContainer({
      image: 'postgres:17-trixie',
      imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT,
      command: ['bash', '-c', WORK],
      resources: {
        cpu: { request: Cpu.millis(10) },
        memory: { request: Size.mebibytes(32), limit: Size.mebibytes(64) },
      },
      securityContext: {
        capabilities: { drop: [Capability.ALL] },
        seccompProfile: { type: SeccompProfileType.RUNTIME_DEFAULT },
      },
      envVariables: {
        DB_WRITE_HOST: EnvValue.fromValue(orders.primary.host),
        DB_READ_HOST: EnvValue.fromValue(orders.read.host),
        PGUSER: EnvValue.fromValue(orders.user),
        PGDATABASE: EnvValue.fromValue(orders.database),
        PGPASSWORD: EnvValue.fromSecretValue({ secret, key: credentials.passwordKey }),
      },
    });
  }
}

if (require.main === module) {
  const app = new App();
  new AppExample(app, 'app');
  app.synth();
}
