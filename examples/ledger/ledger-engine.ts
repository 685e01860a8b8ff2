import { Duration, Size } from 'cdk8s';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EngineConfig, IEngine, ReplicatedSystem } from '../../lib';
import type { LedgerOptions } from './ledger';

const SCRIPTS = ['engine.sh', 'engine-sync.sh'];
const WITHOUT_LIMIT = Size.gibibytes(10);

/** PostgreSQL 18 as the core needs to know it. How it copies, follows and reports is in `scripts`. */
export class LedgerEngine implements IEngine {
  constructor(private readonly options: LedgerOptions) {}

  public bind({ credentials, volume = WITHOUT_LIMIT }: ReplicatedSystem): EngineConfig {
    const { patience = Duration.seconds(10), keptLog, superuserFromNetwork = false } = this.options;
    return {
      name: 'postgres',
      version: '18',
      image: 'postgres:18-trixie',
      user: 999, // who runs the server in this image
      port: 5432,
      volumePath: '/var/lib/postgresql/data',
      // The root file system is read-only: what the server writes to next to its data.
      scratch: [{ name: 'socket', path: '/var/run/postgresql' }, { name: 'tmp', path: '/tmp' }, { name: 'shm', path: '/dev/shm', inMemory: true }],
      scripts: Object.fromEntries(SCRIPTS.map((name) => [name, readFileSync(join(__dirname, 'scripts', name), 'utf8')])),
      configFiles: {
        'postgresql.conf': postgresqlConf(keptLog?.toMebibytes() ?? Math.floor(volume.toMebibytes() / 5)),
        'pg_hba.conf': pgHbaConf(superuserFromNetwork),
      },
      settings: { patience: String(patience.toSeconds()) },
      secretKeys: {
        'superuser-password': credentials.superuserPasswordKey,
        'replication-password': credentials.replicationPasswordKey,
        password: credentials.passwordKey,
      },
    };
  }
}

/** A commit waits for a replica; for which, or for none, the sidecar writes as soon as it has looked. The log that is kept for a replica is bounded. */
function postgresqlConf(keptMebibytes: number): string {
  return `listen_addresses = '*'
hba_file = '/etc/stateful/pg_hba.conf'
reserved_connections = 5
huge_pages = off
tcp_user_timeout = 20s
max_slot_wal_keep_size = ${keptMebibytes}MB
wal_keep_size = ${Math.floor(keptMebibytes / 2)}MB
max_wal_size = ${keptMebibytes}MB
max_wal_senders = 32
max_replication_slots = 32
wal_sender_timeout = 20s
wal_receiver_timeout = 20s
wal_receiver_status_interval = 1s
wal_retrieve_retry_interval = 1s
log_replication_commands = on
log_line_prefix = '%m [%p] %q%u@%d %a '
`;
}

/** Only this pod's containers have the socket; everybody else gives a password, and is not the superuser. */
function pgHbaConf(superuserFromNetwork: boolean): string {
  return `local  all          all             trust
${superuserFromNetwork ? '' : 'host   all          postgres   all  reject\n'}host   all          all         all  scram-sha-256
host   replication  replicator  all  scram-sha-256
`;
}
