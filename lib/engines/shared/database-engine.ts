import { Size, SizeRoundingBehavior } from 'cdk8s';
import { EngineConfig } from '../../core/engine';
import { ReplicatedSystem } from '../../core/replicated-system';

// What the engines of the library's own databases take from a system in the same way.

/** The user that pods ask one another as. */
export const REPLICATION_USER = 'replicator';

/** Less does not hold a server and its caches. */
const LEAST_MEMORY_MIB = 128;

/** Where no limit is known. */
const WITHOUT_LIMIT = Size.gibibytes(10);

/** A version, and with it an image. */
export interface Version {
  readonly version: string;
  readonly image: string;
}

/** Version, image and passwords. The official images' servers all have the same user. */
export function databaseEngine(
  { version, image }: Version,
  { credentials }: ReplicatedSystem,
): Pick<EngineConfig, 'version' | 'image' | 'user' | 'secretKeys'> {
  return {
    version,
    image,
    user: 999,
    secretKeys: {
      'superuser-password': credentials.superuserPasswordKey,
      'replication-password': credentials.replicationPasswordKey,
      password: credentials.passwordKey,
    },
  };
}

/** What the sizes of caches and logs follow from. */
export interface Sizes {
  readonly memory: Size;
  /** Undefined where an emptyDir has no limit. */
  readonly volume?: Size;
}

/** Those of a system that has room for a database. */
export function sizesOf({ memory, volume }: ReplicatedSystem): Sizes {
  const mebibytes = memory.toMebibytes({ rounding: SizeRoundingBehavior.NONE });
  if (mebibytes < LEAST_MEMORY_MIB) {
    throw new Error(`resources.memory must be at least ${LEAST_MEMORY_MIB} mebibytes, got ${mebibytes} mebibytes`);
  }
  return { memory, volume };
}

/** How many mebibytes to reckon with where the volume has no limit, too. */
export function volumeMebibytes(volume: Size | undefined): number {
  return (volume ?? WITHOUT_LIMIT).toMebibytes();
}
