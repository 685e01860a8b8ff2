import { Yaml } from 'cdk8s';

// Snapshots of manifests read as the file that `cdk8s synth` writes: what a reviewer sees is what a cluster gets.

function isManifest(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'apiVersion' in value && 'kind' in value;
}

export function test(value: unknown): boolean {
  return isManifest(value) || (Array.isArray(value) && value.length > 0 && value.every(isManifest));
}

export function serialize(value: unknown): string {
  const manifests: unknown[] = Array.isArray(value) ? value : [value];
  return Yaml.stringify(...manifests).trimEnd();
}
