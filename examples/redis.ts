// A Redis primary with two replicas, each on a remote volume of its own. An acknowledged write survives the node.
//
// It needs a Secret with three passwords, made once, before the first apply:
//
//   kubectl create secret generic redis-credentials --from-literal=superuser-password="$(openssl rand -hex 16)" --from-literal=replication-password="$(openssl rand -hex 16)" --from-literal=password="$(openssl rand -hex 16)"
import { App, Chart, Size } from 'cdk8s';
import { Construct } from 'constructs';
import { Credentials, Redis, RedisVersion, Storage } from '../lib';

export class RedisExample extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new Redis(this, 'redis', {
      version: RedisVersion.V8,
      replicas: 3,
      storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(2) }),
      credentials: Credentials.fromSecret('redis-credentials'),
      parameters: { appendfsync: 'always' },
    });
  }
}

if (require.main === module) {
  const app = new App();
  new RedisExample(app, 'redis');
  app.synth();
}
