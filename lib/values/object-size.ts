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
  readonly immutable?: boolean;
  readonly data: { readonly [fileName: string]: string };
}

/** How large the values of a ConfigMap are. */
interface DataSize {
  readonly bytes: number;
  /** As `kubectl apply` keeps them. */
  readonly applied: number;
}

/** Of values that many sets share, and that no one can change. */
const measured = new WeakMap<object, DataSize>();

/**
 * Refuse a ConfigMap that could not be applied: the pods would wait for it for ever.
 *
 * @param prop name of the prop that its files come from, for the error
 */
export function checkObjectSize(prop: string, { data, ...object }: SizedObject): void {
  const { bytes, applied } = measured.get(data) ?? measure(data);
  const { name, annotations = {} } = object.metadata;
  if (bytes > MOST_DATA) {
    throw new Error(
      `${prop} must have at most ${MOST_DATA} bytes together, got ${bytes} in ConfigMap '${name}': Kubernetes takes no more in one object; have a Job load what is large`,
    );
  }
  const metadata = { namespace: ANY_NAMESPACE, ...object.metadata, annotations };
  const others = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  const size =
    appliedSize({ ...object, apiVersion: 'v1', metadata, data: {} }) -
    '{}'.length +
    applied +
    '\n'.length +
    others +
    LAST_APPLIED.length;
  if (size > MOST_ANNOTATIONS) {
    throw new Error(
      `${prop} must be smaller: ConfigMap '${name}' takes ${size} bytes of annotations, of which Kubernetes allows ${MOST_ANNOTATIONS}, as 'kubectl apply' keeps the object in one; have a Job load what is large`,
    );
  }
}

function measure(data: SizedObject['data']): DataSize {
  const bytes = Object.values(data).reduce(
    (sum, text) => sum + ((typeof text as unknown) === 'string' ? Buffer.byteLength(text) : 0),
    0,
  );
  const size = { bytes, applied: appliedSize(data) };
  if (Object.isFrozen(data)) measured.set(data, size);
  return size;
}

function appliedSize(value: object): number {
  const json = JSON.stringify(value);
  return Buffer.byteLength(json) + 5 * (json.match(ESCAPED)?.length ?? 0);
}
