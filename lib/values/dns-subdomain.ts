import { shown } from './checks';

const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * Returns the name if it is a DNS-1123 subdomain, which is what Kubernetes wants of the name of a StorageClass or a
 * Secret.
 *
 * @param prop name of the prop that the name came from, for the error
 * @throws if it is not
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
 */
export function dnsSubdomain(name: string, prop: string): string {
  if ((typeof name as unknown) !== 'string' || name.length > 253 || !DNS_SUBDOMAIN.test(name)) {
    throw new Error(
      `${prop} must be a dns subdomain (lower case letters, digits, '-' and '.', at most 253 characters), got ${(typeof name as unknown) === 'string' ? JSON.stringify(name) : shown(name)}`,
    );
  }
  return name;
}
