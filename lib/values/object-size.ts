/** All annotations of an object together; `kubectl apply` keeps the whole object as it was applied in one of them. */
const MOST_ANNOTATIONS = 262_144;
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** The values of a ConfigMap together. */
const MOST_DATA = 1_048_576;

/** kubectl fills in where it applies to. */
const ANY_NAMESPACE = 'n'.repeat(63);

/** As kubectl writes JSON, these three are `\u003c` and so on. */
const ESCAPED = /[<>&\u2028\u2029]/g;

/** What of the YAML `kubectl apply` or the API server would not take. */
export interface SizedObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: { readonly [key: string]: string } };
  readonly data: { readonly [fileName: string]: string };
}

/**
 * Refuse a ConfigMap that could not be applied: the pods would wait for it for ever.
 *
 * @param prop name of the prop that its files come from, for the error
 */
export function checkObjectSize(prop: string, object: SizedObject): void {
  const data = Object.values(object.data).reduce((sum, text) => sum + (typeof text as unknown === 'string' ? Buffer.byteLength(text) : 0), 0);
  const { name, annotations = {} } = object.metadata;
  if (data > MOST_DATA) {
    throw new Error(`${prop} must have at most ${MOST_DATA} bytes together, got ${data} in ConfigMap '${name}': Kubernetes takes no more in one object; have a Job load what is large`);
  }
  const json = `${JSON.stringify({ ...object, apiVersion: 'v1', metadata: { namespace: ANY_NAMESPACE, ...object.metadata, annotations } })}\n`;
  const applied = Buffer.byteLength(json) + 5 * (json.match(ESCAPED)?.length ?? 0);
  const others = Object.entries(annotations).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  const size = applied + others + LAST_APPLIED.length;
  if (size > MOST_ANNOTATIONS) {
    throw new Error(`${prop} must be smaller: ConfigMap '${name}' takes ${size} bytes of annotations, of which Kubernetes allows ${MOST_ANNOTATIONS}, as 'kubectl apply' keeps the object in one; have a Job load what is large`);
  }
}
