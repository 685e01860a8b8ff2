// A PostgreSQL primary with two replicas that is backed up to an object store, and a second set that is made from the
// backups as they were at some time.
//
// It needs a Secret with three passwords, one with the keys of the store, and one with a passphrase, made once, before
// the first apply. Keep the passphrase elsewhere too: without it no one can read the backups.
//
//   kubectl create secret generic postgres-backup-credentials --from-literal=superuser-password="$(openssl rand -hex 16)" --from-literal=replication-password="$(openssl rand -hex 16)" --from-literal=password="$(openssl rand -hex 16)"
//   kubectl create secret generic backup-store --from-literal=access-key-id=... --from-literal=secret-access-key=...
//   kubectl create secret generic backup-seal --from-literal=passphrase="$(openssl rand -hex 32)"
import { App, Chart, Cron, Duration, Size } from 'cdk8s';
import { Construct } from 'constructs';
import {
  Backup,
  BackupEncryption,
  BackupStore,
  Credentials,
  Postgres,
  PostgresVersion,
  RestorePoint,
  Storage,
} from '../lib';

export class PostgresBackupExample extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const store = BackupStore.s3({
      bucket: 'backups',
      endpoint: 'https://s3.example.com',
      region: 'eu-1',
      secretName: 'backup-store',
    });
    const encryption = BackupEncryption.fromSecret('backup-seal');
    const common = {
      version: PostgresVersion.V18,
      storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(2) }),
      credentials: Credentials.fromSecret('postgres-backup-credentials'),
    };

    new Postgres(this, 'postgres-backup', {
      ...common,
      replicas: 3,
      backup: Backup.to(store, {
        schedule: Cron.schedule({ hour: '3', minute: '0' }),
        retention: Duration.days(30),
        maxDataLoss: Duration.seconds(30),
        encryption,
      }),
    });
    // As it was before somebody dropped a table: what is missing is taken over from here, and then this goes again.
    new Postgres(this, 'postgres-before', {
      ...common,
      replicas: 1,
      restoreFrom: RestorePoint.at(
        store,
        { name: 'postgres-backup', namespaceName: 'default', encryption },
        '2026-11-29T10:00:00Z',
      ),
    });
  }
}

if (require.main === module) {
  const app = new App();
  new PostgresBackupExample(app, 'postgres-backup');
  app.synth();
}
