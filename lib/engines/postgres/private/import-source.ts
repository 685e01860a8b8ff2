import { EngineSource } from '../../../core/engine';
import { checkInstance, checkPort } from '../../../values/checks';
import { PostgresSource } from '../postgres-source';

/** What must fit to what is imported. */
export interface ImportingSet {
  readonly major: number;
  readonly database: string;
  readonly user: string;
  readonly namespace: string | undefined;
}

const HOST = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\.?$/;

/** Refuse a source that could not be imported, or whose application would not find its data afterwards. */
export function engineSource(source: PostgresSource, to: ImportingSet): EngineSource {
  const { host, port, credentials, set } = checkInstance(
    'importFrom',
    source,
    PostgresSource,
    'a PostgresSource, as PostgresSource.fromSet(orders)',
  );
  if (!HOST.test(host)) {
    throw new Error(`importFrom must name a host by its DNS name (a-z, 0-9, '-', '.'), got '${host}'`);
  }
  if (set !== undefined) {
    if (set.version.major > to.major) {
      throw new Error(
        `importFrom must be of the same or an older major version, got PostgreSQL ${set.version.major} for ${to.major}: data goes to newer versions only`,
      );
    }
    if (!set.superuserFromNetwork) {
      throw new Error(
        "importFrom must be a set with 'superuserFromNetwork: true', got one whose superuser can connect from its own pods only: " +
          'set it there, and take it back when the import is done',
      );
    }
    for (const prop of ['database', 'user'] as const) {
      if (set[prop] !== to[prop]) {
        throw new Error(
          `${prop} must be '${set[prop]}', as importFrom has it, got '${to[prop]}': the data keeps its names`,
        );
      }
    }
    if (set.metadata.namespace !== to.namespace) {
      throw new Error(
        `importFrom must be in the same namespace, got '${set.metadata.namespace ?? '(default)'}' for '${to.namespace ?? '(default)'}': ` +
          'copy its Secret to here, and use PostgresSource.fromEndpoint',
      );
    }
  }
  return {
    host,
    port: checkPort('importFrom.port', port),
    secretName: credentials.secretName,
    secretKeys: { 'superuser-password': credentials.superuserPasswordKey },
  };
}
