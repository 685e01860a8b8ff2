export * from './core/credentials';
export * from './core/endpoints';
export * from './core/engine';
export * from './core/environment';
export * from './core/primary-volume-loss';
export * from './core/replicated-stateful-set';
export * from './core/replicated-system';
export * from './core/replicated-system-props';
export * from './core/volume-retention';

export * from './engines/files/rclone-version';
export * from './engines/files/replicated-files';
export * from './engines/files/replicated-files-props';
export * from './engines/mariadb/mariadb';
export * from './engines/mariadb/mariadb-engine';
export * from './engines/mariadb/mariadb-props';
export * from './engines/mariadb/mariadb-version';
export * from './engines/mysql/mysql';
export * from './engines/mysql/mysql-engine';
export * from './engines/mysql/mysql-props';
export * from './engines/mysql/mysql-version';
export * from './engines/postgres/postgres';
export * from './engines/postgres/postgres-engine';
export * from './engines/postgres/postgres-props';
export * from './engines/postgres/postgres-source';
export * from './engines/postgres/postgres-version';
export * from './engines/redis/redis';
export * from './engines/redis/redis-compatible-options';
export * from './engines/redis/redis-engine';
export * from './engines/redis/redis-props';
export * from './engines/redis/redis-version';
export * from './engines/redis/valkey';
export * from './engines/redis/valkey-engine';
export * from './engines/redis/valkey-props';
export * from './engines/redis/valkey-version';

export * from './backups/backup';
export * from './backups/backup-store';
export * from './backups/backup-store-options';
export * from './backups/restore-point';

export * from './storage/drivers';
export * from './storage/storage';
export * from './storage/storage-class';
export * from './storage/storage-provisioner';

export * from './gitops/argo-cd';
export * from './gitops/flux';

// The reviewer of changes.
export * from './changes/finding';
export * from './changes/lock/retired-system';
export * from './changes/lock/stateful-app';
export * from './changes/review';
