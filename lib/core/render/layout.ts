// Where things are in a pod. The scripts know the same places: lib/core/scripts/pod.sh.

/** Scripts: the shared ones, and the engine's. */
export const SCRIPTS_PATH = '/opt/stateful';

/** `settings.sh`, and the database's own configuration files. */
export const CONFIG_PATH = '/etc/stateful';

/** The passwords, a file each. */
export const CREDENTIALS_PATH = '/run/secrets/stateful';

/** The passwords of the database that is imported. */
export const SOURCE_CREDENTIALS_PATH = '/run/secrets/source';

/** What the containers of a pod tell one another. */
export const STATE_PATH = '/run/stateful';

/** What the image's entry point runs in a new database. */
export const INIT_PATH = '/docker-entrypoint-initdb.d';

/** Name of the volume with the data, and so the beginning of every claim's name. */
export const DATA_VOLUME = 'data';

/** The container that gives the volume its data. */
export const PREPARE = 'prepare';

/** The container that keeps the server in its role. */
export const SYNC = 'sync';

/** The container that sends the log to the store. */
export const SHIP = 'ship';

/**
 * The container that brings rclone's program, and the volume that it is in. The server of plain files is called
 * `rclone` itself.
 */
export const RCLONE = 'rclone-program';

/** Where that program is. */
export const RCLONE_PATH = '/opt/rclone';

/** What is on its way to the store, or from it. */
export const STAGE_PATH = '/var/lib/ship';

/** The keys of the store of the backups. */
export const BACKUP_KEYS_PATH = '/run/secrets/backup';

/** The keys of the store that is restored from. */
export const RESTORE_KEYS_PATH = '/run/secrets/restore';

/** Set by the StatefulSet controller on every pod, from 1.28 on. */
export const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';
