import { Yaml } from 'cdk8s';

// A snapshot serializer for jest. Snapshots of manifests look like the files that `cdk8s synth` writes: a reviewer sees what a cluster gets.

function isManifest(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'apiVersion' in value && 'kind' in value;
}

/** Whether it is a manifest, or a list of them. */
export function test(value: unknown): boolean {
  return isManifest(value) || (Array.isArray(value) && value.length > 0 && value.every(isManifest));
}

/** The YAML of it. */
export function serialize(value: unknown): string {
  const manifests: unknown[] = Array.isArray(value) ? value : [value];
  return Yaml.stringify(...manifests).trimEnd();
}
