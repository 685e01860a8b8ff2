import { Size } from 'cdk8s';
import { Engine } from '../../core/engine';
import { ReplicatedSystemProps } from '../../core/replicated-system-props';
import { memoryOf } from './memory';

// What the engines of the library's own databases take from their props in the same way.

/** The user that pods ask one another as. */
export const REPLICATION_USER = 'replicator';

/** Props of a database whose version names its image. */
export interface DatabaseProps extends ReplicatedSystemProps {
  readonly version: { readonly version: string; readonly image: string };
}

/** Version, image and passwords. The official images' servers all have the same user. */
export function databaseEngine({ version, credentials }: DatabaseProps): Pick<Engine, 'version' | 'image' | 'user' | 'secretKeys'> {
  return {
    version: version.version,
    image: version.image,
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
  readonly volume: Size | undefined;
}

const WITHOUT_LIMIT = Size.gibibytes(10);

/** Those of a set, by its props. */
export function sizesOf({ resources, storage }: ReplicatedSystemProps): Sizes {
  return { memory: memoryOf(resources), volume: storage.size ?? storage.sizeLimit };
}

/** How many mebibytes to reckon with where the volume has no limit, too. */
export function volumeMebibytes(volume: Size | undefined): number {
  return (volume ?? WITHOUT_LIMIT).toMebibytes();
}
