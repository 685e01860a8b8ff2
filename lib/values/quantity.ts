const FACTORS: { [suffix: string]: number } = {
  n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
};
const QUANTITY = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+$)?)([numkMGTPE]|[KMGTPE]i)?$/;

/**
 * How many bytes a Kubernetes quantity is: `1Gi`, `1024Mi`, `1073741824` and `1.073741824e9` are the same.
 *
 * @returns not a number, if it is no quantity
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function bytesOf(quantity: string): number {
  const [, number, suffix = ''] = QUANTITY.exec(quantity.trim()) ?? [];
  return number === undefined ? NaN : Number(number) * FACTORS[suffix];
}
