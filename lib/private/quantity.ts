import { Size, SizeRoundingBehavior } from 'cdk8s';
import { checkSize } from './values';

const UNITS = ['Mi', 'Gi', 'Ti', 'Pi'];

/**
 * Writes a size as a Kubernetes quantity in the largest unit that is whole: `100Gi`, `1500Mi`, `1Ti`.
 *
 * This is the form in which the API server keeps it, so that a GitOps tool sees no difference after apply.
 *
 * @param prop name of the prop that the size came from, for the error
 * @throws if the size is not a whole number of mebibytes greater than zero
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function toQuantity(size: Size, prop: string): string {
  let amount = checkSize(prop, size).toMebibytes({ rounding: SizeRoundingBehavior.NONE });
  if (!Number.isSafeInteger(amount) || amount <= 0) {
    throw new Error(`${prop} must be a whole number of mebibytes greater than zero, got ${size.asString()}: use Size.gibibytes(100) or Size.mebibytes(1500), for example`);
  }
  let unit = 0;
  while (amount % 1024 === 0 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount}${UNITS[unit]}`;
}
