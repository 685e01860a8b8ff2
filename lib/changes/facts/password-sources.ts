import { digest } from '../../values/digest';
import { isObject, JsonObject, listAt, stringAt } from '../../values/json';

const PASSWORD = /PASS|SECRET|TOKEN|CREDENTIAL|COOKIE|ROOT_KEY|ACCESS_KEY/i;
/** Certificates are renewed regularly, and no database keeps a copy of them. */
const CERTIFICATE = /tls|cert|ssl|(^|-)ca(-|$)/i;

/** Stands for a password in the manifest itself. A digest, which never leaves this process, tells two of them apart. */
const LITERAL = 'a literal';

/** The source in the form that may be printed and stored. */
export function withoutDigest(source: string): string {
  return source.startsWith(`${LITERAL} `) ? LITERAL : source;
}

/** Whether two sources give the same password. A literal stored without its digest matches any literal. */
export function isSameSource(a: string, b: string): boolean {
  return a === b || ([a, b].includes(LITERAL) && withoutDigest(a) === withoutDigest(b));
}

/**
 * The manifest without the passwords in its variables, so that whatever is derived from it may be stored, also a
 * digest.
 */
export function withoutLiterals(manifest: unknown): unknown {
  const text = JSON.stringify(manifest, (_, inner: unknown) =>
    isObject(inner) && literalPassword(inner) !== undefined ? { ...inner, value: LITERAL } : inner,
  );
  return text === undefined ? undefined : JSON.parse(text);
}

/**
 * Where a container's passwords come from, by use: `env POSTGRES_PASSWORD`, `volume credentials`. A database keeps the
 * passwords it was initialised with, so another source usually means a password that no longer works.
 */
export function readPasswordSources(container: JsonObject, pod: JsonObject): { [use: string]: string } {
  return Object.fromEntries([
    ...variableSources(container),
    ...envFromSources(container),
    ...volumeSources(container, pod),
  ]);
}

/** Names of the Secrets that any container of a pod uses. */
export function secretNames(pod: JsonObject): Set<string> {
  const containers = [...listAt(pod, 'containers'), ...listAt(pod, 'initContainers')];
  const names = [
    ...containers
      .flatMap((container) => listAt(container, 'env'))
      .map((variable) => stringAt(variable, 'valueFrom', 'secretKeyRef', 'name')),
    ...containers
      .flatMap((container) => listAt(container, 'envFrom'))
      .map((source) => stringAt(source, 'secretRef', 'name')),
    ...listAt(pod, 'volumes').flatMap(volumeSecretNames),
  ];
  return new Set(names.filter((name) => name !== undefined));
}

function variableSources(container: JsonObject): [string, string][] {
  return listAt(container, 'env').flatMap((variable): [string, string][] => {
    const name = stringAt(variable, 'name') ?? '';
    const secret = stringAt(variable, 'valueFrom', 'secretKeyRef', 'name');
    if (secret !== undefined)
      return [[`env ${name}`, `${secret}/${stringAt(variable, 'valueFrom', 'secretKeyRef', 'key') ?? ''}`]];
    const literal = literalPassword(variable);
    return literal === undefined ? [] : [[`env ${name}`, `${LITERAL} ${digest(literal)}`]];
  });
}

/** The password in the value of a variable. */
function literalPassword(variable: unknown): string | undefined {
  const name = stringAt(variable, 'name') ?? '';
  return PASSWORD.test(name) && !name.endsWith('_FILE') ? stringAt(variable, 'value') : undefined;
}

function envFromSources(container: JsonObject): [string, string][] {
  return listAt(container, 'envFrom').flatMap((source, place): [string, string][] => {
    const name = stringAt(source, 'secretRef', 'name');
    return name === undefined ? [] : [[`envFrom ${stringAt(source, 'prefix') ?? place}`, name]];
  });
}

function volumeSources(container: JsonObject, pod: JsonObject): [string, string][] {
  const mounted = listAt(container, 'volumeMounts').map((mount) => stringAt(mount, 'name'));
  return listAt(pod, 'volumes').flatMap((volume): [string, string][] => {
    const name = stringAt(volume, 'name') ?? '';
    const secrets = volumeSecretNames(volume).filter((secret) => !CERTIFICATE.test(secret));
    if (!mounted.includes(name) || CERTIFICATE.test(name) || secrets.length === 0) return [];
    const keys = listAt(volume, 'secret', 'items')
      .map((item) => stringAt(item, 'key') ?? '')
      .sort();
    return [[`volume ${name}`, [secrets.join(', '), ...(keys.length > 0 ? [`(${keys.join(', ')})`] : [])].join(' ')]];
  });
}

function volumeSecretNames(volume: unknown): string[] {
  const names = [
    stringAt(volume, 'secret', 'secretName'),
    ...listAt(volume, 'projected', 'sources').map((source) => stringAt(source, 'secret', 'name')),
  ];
  return names.filter((name) => name !== undefined);
}
