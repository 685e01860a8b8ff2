import { Size } from 'cdk8s';
import { Credentials, EngineConfig, IEngine, ReplicatedStatefulSetProps, Storage } from '../lib';

/** A database that does not exist: what the core does must not depend on PostgreSQL. */
export const stubConfig: EngineConfig = {
  name: 'stubdb',
  version: '3.1',
  image: 'example.com/stubdb:3.1',
  user: 1234,
  port: 7000,
  volumePath: '/var/lib/stubdb',
  scratch: [{ name: 'tmp', path: '/tmp' }],
  scripts: { 'engine.sh': 'engine_prepare() { :; }\n', 'engine-sync.sh': 'engine_reconcile() { :; }\n' },
  configFiles: { 'stubdb.conf': 'cache = 1\n' },
  settings: { greeting: "it's me" },
  secretKeys: { 'root-password': 'superuser-password' },
};

/** An engine that supplies the same to every system. */
export function engineOf(config: EngineConfig): IEngine {
  return { bind: () => config };
}

/** The least that a set needs. */
export const stubProps: ReplicatedStatefulSetProps = {
  engine: engineOf(stubConfig),
  replicas: 3,
  storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(10) }),
  credentials: Credentials.fromSecret('stub-credentials'),
};
