import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox } from '../../core/scripts/sandbox';

/** Ordinal 0 of a set of PostgreSQL with backups. */
export function backedUp(): Sandbox {
  const sandbox = new Sandbox(
    0,
    {
      replication_user: 'replicator',
      user: 'app',
      database: 'app',
      read_only: 'no',
      declared_name: 'orders',
      backup_remote: 'backup:bucket',
      backup_sealed: 'no',
      max_data_loss: '10',
      max_unshipped: String(64 << 20),
      retention: '1209600',
    },
    { scriptsOf: 'postgres' },
  );
  mkdirSync(join(sandbox.folder, 'stage'));
  return sandbox;
}
