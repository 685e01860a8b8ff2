import { Size, SizeRoundingBehavior } from 'cdk8s';
import { ContainerResources } from 'cdk8s-plus-28';
import { DEFAULT_RESOURCES } from '../../core/render/containers';
import { checkObject, checkSize } from '../../values/checks';

/** Less does not hold a server and its caches. */
const LEAST_MEMORY_MIB = 128;

/** The memory that a server may use, from which the sizes of its caches follow. */
export function memoryOf(resources: ContainerResources | undefined): Size {
  const { memory } = checkObject('resources', resources ?? DEFAULT_RESOURCES);
  // Left out it has its default, as the container has.
  const size = memory?.limit ?? memory?.request ?? Size.gibibytes(1);
  checkSize('resources.memory', size);
  const mebibytes = size.toMebibytes({ rounding: SizeRoundingBehavior.NONE });
  if (!Number.isInteger(mebibytes) || mebibytes < LEAST_MEMORY_MIB) {
    throw new Error(`resources.memory must be a whole number of mebibytes, at least ${LEAST_MEMORY_MIB}, got ${mebibytes} mebibytes`);
  }
  return size;
}
