import { Size, SizeRoundingBehavior } from 'cdk8s';
import { checkSize } from './checks';

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
    throw new Error(
      `${prop} must be a whole number of mebibytes greater than zero, got ${size.asString()}: use Size.gibibytes(100) or Size.mebibytes(1500), for example`,
    );
  }
  let unit = 0;
  while (amount % 1024 === 0 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount}${UNITS[unit]}`;
}

const FACTORS: { [suffix: string]: number } = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const QUANTITY = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+$)?)([numkMGTPE]|[KMGTPE]i)?$/;

/**
 * How many bytes a Kubernetes quantity is: `1Gi`, `1024Mi`, `1073741824` and `1.073741824e9` are the same.
 *
 * @returns NaN if it is not a quantity
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(quantity: string): number {
  const [, number, suffix = ''] = QUANTITY.exec(quantity.trim()) ?? [];
  return number === undefined ? NaN : Number(number) * FACTORS[suffix];
}
