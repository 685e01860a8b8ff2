import { Size } from 'cdk8s';
import { EnvValue } from 'cdk8s-plus-28';
import { ReplicatedSystem } from './replicated-system';

/**
 * A database as the core knows it. `PostgresEngine` is one, and so can be an engine of your own.
 */
export interface IEngine {
  /**
   * What the engine supplies to this system. It is asked once, after all props were checked.
   *
   * @param system what the props of the set say
   * @throws if the engine cannot run in such a system, by the name of the prop
   */
  bind(system: ReplicatedSystem): EngineConfig;
}

/**
 * What a database engine supplies to a `ReplicatedStatefulSet`: its image, its configuration, and two shell files.
 *
 * An engine that differs little from one of the library's is made from that: its `bind` returns a copy of what the
 * other's returns, with other fields, and with `scripts` that replace single functions of the other's.
 *
 * The core knows order, identity, volumes and services, and no database; an engine knows its database and nothing of
 * Kubernetes. The engines of this library are made of this interface and nothing else, and so can an engine of your own
 * be.
 *
 * The shell files are sourced by the scripts of every pod (`lib/core/scripts`). `engine.sh` defines:
 *
 * | function | does |
 * |---|---|
 * | `engine_prepare` | first of all in `prepare` and in `sync`: password files and the like |
 * | `engine_identity HOST` | prints who the database at HOST is, the same on every copy; fails while it accepts no connections |
 * | `engine_identity_of_files DIR` | the same of files at rest |
 * | `engine_size HOST` | prints how many bytes a copy of it takes |
 * | `engine_replayed_position HOST` | prints `IDENTITY POSITION...`, one line, once the replica at HOST receives from no server, will not connect to one by itself, and has applied all that it received; fails before, and may then print why, in words that follow the pod's name |
 * | `engine_has_all_of HOST A B` | whether HOST, settled at A, has the whole history of a replica that is settled at B: 0 if so, 1 if not, 2 if HOST does not say |
 * | `engine_reserve_log PRIMARY SOURCE` | makes the primary keep its log from here on; returns when SOURCE has come that far |
 * | `engine_copy SOURCE DIR` | copies SOURCE's data into DIR, complete, checked and synced, or fails |
 * | `engine_initialise DIR` | makes a new database in DIR |
 * | `engine_import DIR` | the same, with all data of the database that `source` names, complete and compared, or fails; not needed without `source` |
 * | `engine_recover SOURCE DIR` | makes in DIR a primary with all that the replica SOURCE has |
 * | `engine_run DIR` | becomes (`exec`) the server on DIR, in the role of `$ordinal` |
 *
 * and `engine-sync.sh`:
 *
 * | function | does |
 * |---|---|
 * | `engine_observe` | sets `role` (`primary`, `replica`), and for a replica `synced` (`yes`, or why not) and `lag` (seconds), as the server reports them; fails if it does not answer |
 * | `engine_reconcile` | brings the server to the role that its ordinal requires; may set `recopy_reason` to the reason why this replica needs a new copy, and `recopy_source` to the ordinal that gives it, if that is not the one below |
 * | `engine_detach` | has this replica receive from no server, until `engine_reconcile` has asked the primary and connects it again: the one it follows was replaced, or has another history |
 * | `engine_stop` | ends this pod's server |
 * | `engine_pre_stop` | what helps this pod's server to stop soon, before it is told to; may be left out |
 * | `engine_announce_ready`, `engine_withdraw_ready`, `engine_peer_is_ready N` | a sign at this pod's server that others can see, and that dies with it |
 * | `engine_announce_leaving` | a sign at the primary that this ordinal is leaving, which ends with the pod |
 * | `engine_list_higher_ordinals` | sets `higher_leaving` and `higher_connected`: higher ordinals that leave, and that follow the primary |
 *
 * `engine-sync.sh` can keep one client connected to its server by `session.sh`, which it sources, and whose
 * `session_end_command` it sets (and `session_broken`, where its client would go on without its connection). The sign
 * that the pod is ready then goes with the session. By `secret.sh`, which `engine.sh` sources, it can see that the
 * kubelet has brought another Secret. By `lag.sh`, sourced likewise, it can say how far behind a replica is. By
 * `follow.sh` the core decides whether a replica may follow, catch up by a new copy, or must stay as it is:
 * `engine_reconcile` calls its `core_follow_primary` where a replica does not follow, and the engine answers what that
 * asks (`engine_primary_position` and others, in its head). An engine that does not use it asks
 * `core_leads_to_former_primary` itself, before a replica is connected: whether the primary's name still leads to one
 * that was left.
 *
 * The image needs bash, coreutils and getent; and flock and perl, or functions in `engine.sh` instead of those of
 * `tools.sh`.
 *
 * The shell files may use `ordinal`, `set_name`, `port`, `volume`, `credentials`, every name in `settings`, and the
 * functions of `pod.sh`. They share one shell with the scripts of `lib/core/scripts`, whose own names begin with
 * `core_`: an engine calls and reads them, and defines none; nor any of those without the prefix that both use, but for
 * the variables that it is to set.
 */
export interface EngineConfig {
  /**
   * The database's name, as in `app.kubernetes.io/name`. It is also the name of the server's container.
   */
  readonly name: string;

  /**
   * The database's version, as in `app.kubernetes.io/version`.
   */
  readonly version: string;

  /**
   * The image of every container in the pod: server, init container and sidecar.
   */
  readonly image: string;

  /**
   * The numeric user and group of the server. Files on the volume belong to it.
   */
  readonly user: number;

  /**
   * The port that clients and replicas connect to.
   */
  readonly port: number;

  /**
   * The port of the Services, where clients connect to another container than the server's.
   *
   * @default - `port`
   */
  readonly clientPort?: number;

  /**
   * The port on which the sidecar gives copies of the data, where the server does not do that itself. The sidecar then
   * has the volume too, to read.
   *
   * @default - the server gives copies
   */
  readonly copyPort?: number;

  /**
   * Whether the server opens its port only when its recovery after a crash is done, however long that takes: it is then
   * given a day more than the prop `startupTimeout` says, as a recovery that is ended begins again.
   *
   * @default false
   */
  readonly recoversBeforeListening?: boolean;

  /**
   * Where the volume is mounted. The data is in a folder `current` below it.
   */
  readonly volumePath: string;

  /**
   * Directories that must be writable in addition to the volume: the root file system is not.
   */
  readonly scratch: ScratchDirectory[];

  /**
   * Shell files by name, among them `engine.sh` and `engine-sync.sh`; found in `$scripts` at run time. One with the
   * name of a shared script is there in its place.
   *
   * A name with an `_`, as `engine_prepare.sh`, is a function's: the file defines that function instead of the one that
   * the other files have, which it can call as `base_engine_prepare`. So an engine is made from another. It is refused
   * where there is no such function, or it defines another.
   */
  readonly scripts: { [fileName: string]: string };

  /**
   * An image of rclone, whose program the engine's scripts use: it is at `/opt/rclone/rclone` in all its containers. An
   * init container copies it there, as it is static, so that it runs next to the programs of `image`.
   *
   * @default - the scripts need no rclone
   */
  readonly rcloneImage?: string;

  /**
   * The database's configuration files by name; found in `$config` at run time.
   */
  readonly configFiles: { [fileName: string]: string };

  /**
   * Shell variables for the engine's scripts.
   */
  readonly settings: { [name: string]: string };

  /**
   * Files of `/docker-entrypoint-initdb.d` by name.
   *
   * @default - the directory is left as the image has it
   */
  readonly initFiles?: { [fileName: string]: string };

  /**
   * Keys that the Secret of the credentials must have, by the file names that the scripts know them under.
   */
  readonly secretKeys: { [fileName: string]: string };

  /**
   * Environment of the server's container.
   *
   * @default - as the image has it
   */
  readonly environment?: { [name: string]: EnvValue };

  /**
   * Shell files by which this engine is backed up and restored: `engine-backup.sh` and `engine-restore.sh`, and what
   * they need next to `scripts`. In the pods only of a set with backups, or that is restored.
   *
   * @default - the engine has no backups: the props `backup` and `restoreFrom` are refused
   */
  readonly backupScripts?: { [fileName: string]: string };

  /**
   * Whether a copy must be on a volume before it can be sent: the job that takes it then has one, that goes with its
   * pod, and the server's resources. The sidecar that sends the log has neither, and so takes none by itself: it says
   * when one is needed.
   *
   * @default false
   */
  readonly backsUpFromVolume?: boolean;

  /**
   * Whether the sidecar that sends the log keeps what the store has not on the data volume, as the server keeps no log
   * itself: it then may write there, and reads it only otherwise.
   *
   * @default false
   */
  readonly keepsUnsentLog?: boolean;

  /**
   * Whether a backup can hold only what changed since another one: its scripts define `engine_builds_on` and
   * `engine_combine` then, and `engine_backup` takes what it needs to know of that other one.
   *
   * @default false - the option `fullBackupEvery` of `Backup.to` is refused
   */
  readonly backsUpChanges?: boolean;

  /**
   * Another database, whose data the very first database of this set begins with: `engine_import` is then called
   * instead of `engine_initialise`, and never where any ordinal holds data.
   *
   * @default - the first database is a new one
   */
  readonly source?: EngineSource;
}

/**
 * Where the first data comes from. The scripts know it as `source_host`, `source_port`, and the folder
 * `source_credentials`, which only `prepare` has.
 */
export interface EngineSource {
  /**
   * DNS name of its primary.
   */
  readonly host: string;

  /**
   * Its port.
   */
  readonly port: number;

  /**
   * Name of the Secret with its passwords. The pods start without it once the data is there.
   */
  readonly secretName: string;

  /**
   * Keys of that Secret, by the file names that the scripts know them under.
   */
  readonly secretKeys: { [fileName: string]: string };
}

/**
 * A directory that a read-only image needs writable.
 */
export interface ScratchDirectory {
  /**
   * Name of the pod's volume.
   */
  readonly name: string;

  /**
   * Where it is mounted.
   */
  readonly path: string;

  /**
   * Keep it in memory, where it counts against the container's limit.
   *
   * @default false
   */
  readonly inMemory?: boolean;

  /**
   * Largest size.
   *
   * @default - no limit
   */
  readonly sizeLimit?: Size;
}
