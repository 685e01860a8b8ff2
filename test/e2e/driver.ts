import { Duration, Size } from 'cdk8s';
import { ContainerResources } from 'cdk8s-plus-28';
import { Credentials, PrimaryVolumeLoss, ReplicatedSystemProps, Storage } from '../../lib';
import { Client } from './client';

/** How the set under test is made: the engine's construct, with what a row varies. */
export interface SetOptions {
  readonly replicas: number;
  /** Name of the class; without one the set is ephemeral. */
  readonly storageClassName?: string;
  /** Of each volume; 2Gi if not told otherwise. */
  readonly volumeSize?: Size;
  /** Ordinal 0 waits for a person, and does not recover, when its volume is lost. */
  readonly stopWhenPrimaryIsLost?: boolean;
  /** Another name of the driver's image. */
  readonly image?: string;
  /** Added to the driver's own, for engines whose construct has the prop `parameters`. */
  readonly parameters?: Parameters;
  /** Of the server's container. */
  readonly resources?: ContainerResources;
  /** How long a server may take until it listens. */
  readonly startupTimeout?: Duration;
}

/** As the prop `parameters` of an engine's construct takes them. */
export interface Parameters {
  readonly [name: string]: string;
}

/**
 * A legal setting that a DBA might make: by the prop `parameters`, or by a statement that the superuser runs once at
 * the primary.
 */
export interface Setting {
  readonly parameter?: { readonly name: string; readonly value: string };
  readonly statement?: string;
  /** What takes the statement back, as the superuser at the primary. */
  readonly undo?: string;
}

/** What a row varies, as props that every engine has. */
export function propsFor(options: SetOptions, secretName: string): ReplicatedSystemProps {
  const { replicas, storageClassName, volumeSize = Size.gibibytes(2) } = options;
  return {
    replicas,
    storage:
      storageClassName === undefined ? Storage.ephemeral() : Storage.remote({ storageClassName, size: volumeSize }),
    credentials: Credentials.fromSecret(secretName),
    onPrimaryVolumeLoss: options.stopWhenPrimaryIsLost === true ? PrimaryVolumeLoss.STOP : PrimaryVolumeLoss.RECOVER,
    resources: options.resources,
    startupTimeout: options.startupTimeout,
  };
}

export type User = 'superuser' | 'app';

/**
 * When a server was told to stop and when its last process ended: when the container runtime got these lines of its
 * log.
 */
export interface StopTimes {
  readonly asked: number;
  readonly ended: number;
}

/** When the container runtime got the last such line of a log with timestamps. */
export function timeOf(log: string, message: string): number | undefined {
  const last = log
    .split('\n')
    .filter((line) => line.includes(message))
    .at(-1);
  return last === undefined ? undefined : Date.parse(last.slice(0, last.indexOf(' ')));
}

/** When a server was told to stop and when it ended, by what its log says then. */
export function stopTimesOf(log: string, toldMessage: string, endedMessage: string): StopTimes | undefined {
  const asked = timeOf(log, toldMessage);
  const ended = timeOf(log, endedMessage);
  return asked === undefined || ended === undefined ? undefined : { asked, ended };
}

/** An engine in a version, as far as the suite must know it before there is a connection. */
export interface Driver {
  /** As it is chosen on the command line, `postgres-17`. */
  readonly name: string;
  /** Of the StatefulSet; the other names follow from it. */
  readonly setName: string;
  /** The server's container. */
  readonly container: string;
  /** The container in whose log copies that were given away show. */
  readonly donor: string;
  readonly image: string;
  readonly secretName: string;
  readonly secret: { readonly [key: string]: string };
  /** What the client pod gets of the Secret: variable to key. */
  readonly clientEnvironment: { readonly [variable: string]: string };

  /** Whether a primary that starts again has its replicas copy anew, as its log is of that run only. */
  readonly copiesFromRestartedPrimary: boolean;
  /**
   * Whether a write is acknowledged only when a replica has it too, as long as there is one: then none is lost with the
   * primary's volume.
   */
  readonly waitsForReplica?: boolean;
  /**
   * At least thirty, of all kinds: with any five of them the application can write, and the set must be ready, follow,
   * copy and recover.
   */
  readonly settings?: readonly Setting[];
  /** With these, what was written stays in the log that a crash recovery reads, and is not written to tables before. */
  readonly recoveryParameters?: Parameters;

  /** The whole YAML, made by the library in this process. Throws what the library throws. */
  manifest(options: SetOptions): string;
  /** How many copies were given away, by the donor's log. */
  copiesServed(log: string): number;
  /** Of a log with timestamps. Undefined as long as it does not tell both. */
  stopTimes(log: string): StopTimes | undefined;
  /**
   * Whether a replica was refused, or refused itself, because the primary is another database: by the log of its server
   * and sidecar.
   */
  sawForeignPrimary(log: string): boolean;
  /** Whether by its own names, or by those that a kustomization made of them. */
  open(client: Client, setName?: string, primaryService?: string): Database;
}

/**
 * All that is asked of a running system, from the client pod, ordinal by ordinal. Everything throws where nobody
 * answers.
 */
export interface Database {
  /** What the server itself says it is. */
  role(ordinal: number): Promise<'primary' | 'replica'>;
  /** What tells this database from any other, the same on all its copies. */
  identity(ordinal: number): Promise<string>;
  /** What changes when a copy takes over as the primary, where the engine has that: PostgreSQL's timeline. */
  history?(ordinal: number): Promise<string>;
  /** Writes one row; 'primary' is the Service. Gives the engine's error, or nothing if the write was accepted. */
  write(target: number | 'primary', user: User): Promise<string | undefined>;
  /** Whether an error is the engine's own for a server that only reads. */
  isReadOnlyError(error: string): boolean;

  /** Real data: the engine's own benchmark's tables, and an empty one for the writer. */
  load(): Promise<void>;
  /** Some changes of every kind through the primary's Service: rows, definitions, deletions. */
  change(): Promise<void>;
  /** So much more data, which makes a copy last; and without it again. */
  grow(bytes: number): Promise<void>;
  shrink(): Promise<void>;
  /** Over all tables; equal where the data is equal. */
  checksum(ordinal: number): Promise<string>;
  /** Whether the replica has replayed all that the primary had when asked. */
  hasCaughtUp(ordinal: number): Promise<boolean>;
  /** The ordinals that the primary sends its changes to. */
  followers(): Promise<number[]>;
  /** Whether a write is now acknowledged only when a replica has it too, where the engine can do that. */
  waitsForReplica?(): Promise<boolean>;
  /** Whether the primary keeps something for this ordinal. */
  keepsFor(ordinal: number): Promise<boolean>;
  /** What the log of changes takes on the primary's disk, and what it may take at most. */
  logBytes(): Promise<number>;
  readonly logBound: number;
  /** Writes so much log, and leaves the data as it was. */
  writeLog(bytes: number): Promise<void>;

  /**
   * Whether an application's connection is open at the primary: then a write may still be on its way, though its client
   * was stopped. Absent where the checksum leaves out what the writer writes.
   */
  hasApplication?(): Promise<boolean>;
  /**
   * A script for the client pod that writes rows through the primary's Service, for ever, and prints the id of each one
   * acknowledged.
   */
  writerScript(): string;
  /** How many kinds of writes these are, which the script goes through in turn. */
  readonly writerKinds?: number;
  /** The ids of all rows that the writer wrote, in every way, and this ordinal has. */
  writtenIds(ordinal: number): Promise<Set<number>>;
  /** A script that counts these rows at an ordinal all the time, by its own name, and prints a number or the error. */
  readerScript(ordinal: number): string;
  /** Whether a reader's error means that nobody serves, as opposed to a server that serves the wrong thing. */
  isUnavailable(error: string): boolean;

  /** Runs a statement as the superuser at the primary; gives what it printed. */
  superuser?(statement: string): Promise<string>;
  /**
   * A script for the client pod (bash): as the application's user, for 60 seconds, all it can think of against the set;
   * then it ends with 0. What it prints is logged. It leaves what `load` made and the writer writes alone: these are
   * the application's own.
   */
  attackScript?(): string;
  /** Of our own objects in the database, what must not change: users and their rights, functions, tables, as text. */
  ownObjects?(ordinal: number): Promise<string>;
  /**
   * How many connections, other than those that changes are sent on, the primary believes to have with whoever has this
   * address.
   */
  connectionsFrom?(address: string): Promise<number>;
  /** Writes so much that a recovery after a crash takes some three seconds of a CPU. It may stay. */
  burdenRecovery?(): Promise<void>;
  /** What an administrator may do by hand, as the superuser at this replica, so that it takes writes. */
  promoteByHand?(ordinal: number): Promise<void>;
}
