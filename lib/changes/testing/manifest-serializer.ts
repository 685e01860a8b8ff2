import { Yaml } from 'cdk8s';
import { JsonObject, stringAt, stringMapAt } from '../../values/json';
import { SCRIPTS_LABEL } from '../../values/labels';

// A snapshot serializer for jest. Snapshots of manifests look like the files that `cdk8s synth` writes: a reviewer sees
// what a cluster gets. Of the scripts of a set there is only how many lines each has: they come with the library, and
// their name says when they are others.

function isManifest(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && 'apiVersion' in value && 'kind' in value;
}

/** Whether it is a manifest, or a list of them. */
export function test(value: unknown): boolean {
  return isManifest(value) || (Array.isArray(value) && value.length > 0 && value.every(isManifest));
}

/** The YAML of it. */
export function serialize(value: unknown): string {
  const manifests: unknown[] = Array.isArray(value) ? value : [value];
  return Yaml.stringify(...manifests.map(withoutScripts)).trimEnd();
}

const DIGEST = /^[0-9a-f]{16}$/;

function withoutScripts(manifest: unknown): unknown {
  const areScripts =
    isManifest(manifest) &&
    manifest.kind === 'ConfigMap' &&
    DIGEST.test(stringAt(manifest, 'metadata', 'labels', SCRIPTS_LABEL) ?? '');
  return areScripts ? { ...manifest, data: countLines(stringMapAt(manifest, 'data')) } : manifest;
}

function countLines(files: { readonly [fileName: string]: string }): { [fileName: string]: string } {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, `(${text.split('\n').length - 1} lines)`]),
  );
}
