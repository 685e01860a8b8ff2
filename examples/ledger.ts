// An engine of one's own, made of the public API: PostgreSQL in which a commit is on two volumes before it is
// acknowledged, whenever a replica is there. The engine is in the folder `ledger`, made from PostgresEngine;
// docs/own-engine.md walks through it.
//
// It needs a Secret with three passwords, made once, before the first apply:
//
//   kubectl create secret generic ledger-credentials --from-literal=superuser-password="$(openssl rand -hex 16)" --from-literal=replication-password="$(openssl rand -hex 16)" --from-literal=password="$(openssl rand -hex 16)"
import { App, Chart, Size } from 'cdk8s';
import { Construct } from 'constructs';
import { Credentials, PostgresVersion, Storage } from '../lib';
import { Ledger } from './ledger/ledger';

export class LedgerExample extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new Ledger(this, 'ledger', {
      version: PostgresVersion.V18,
      replicas: 3,
      storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(2) }),
      credentials: Credentials.fromSecret('ledger-credentials'),
    });
  }
}

if (require.main === module) {
  const app = new App();
  new LedgerExample(app, 'ledger');
  app.synth();
}
