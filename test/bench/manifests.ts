import { App, Chart, Size, Yaml } from 'cdk8s';
import { Credentials, Postgres, PostgresProps, PostgresVersion, Storage } from '../../lib';

/**
 * The sets that are compared: ours, and one as it is written by hand. Same image, size, class, resources and
 * restrictions.
 */

export const IMAGE = PostgresVersion.V17.image;
export const CREDENTIALS = 'bench-credentials';
/** One password for all: nothing here is kept from anybody. */
export const PASSWORD = { 'superuser-password': 'bench', 'replication-password': 'bench', password: 'bench' };

export interface SetProps {
  readonly name: string;
  readonly replicas: number;
  readonly gibibytes: number;
  readonly storageClassName: string;
}

/** An object of Kubernetes; of its parts, those that are read here. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: { readonly [file: string]: string };
  readonly spec?: {
    readonly template?: {
      readonly spec: { readonly containers: { readonly name: string; readonly resources: object }[] };
    };
  };
}

/**
 * Made by the library in this process, with nothing but what it demands, and what is measured: the defaults are what
 * everyone has.
 */
export function ourSet(props: SetProps, measured: Partial<PostgresProps> = {}): Manifest[] {
  const chart = new Chart(new App(), 'bench');
  new Postgres(chart, props.name, {
    version: PostgresVersion.V17,
    replicas: props.replicas,
    storage: Storage.remote({ storageClassName: props.storageClassName, size: Size.gibibytes(props.gibibytes) }),
    credentials: Credentials.fromSecret(CREDENTIALS),
    ...measured,
  });
  return chart.toJson() as Manifest[];
}

export interface BareProps extends SetProps {
  readonly podManagementPolicy?: 'Parallel' | 'OrderedReady';
  /** The only node on which its pods may run. */
  readonly node?: string;
  /** In place of the image's own command. */
  readonly command?: string[];
  /** Mounted in place of an image's file or folder: path by the name of a ConfigMap. */
  readonly files?: { readonly [configMap: string]: string };
}

/** A StatefulSet with its Services, as in any tutorial: the server, its volume, and a readiness probe. */
export function bareSet(props: BareProps): object[] {
  const { name } = props;
  const selector = { app: name };
  const ports = [{ name: 'postgres', port: 5432 }];
  const files = Object.entries(props.files ?? {});
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector, ports },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `${name}-primary` },
      spec: { selector: { ...selector, 'apps.kubernetes.io/pod-index': '0' }, ports },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name },
      spec: {
        serviceName: name,
        replicas: props.replicas,
        podManagementPolicy: props.podManagementPolicy ?? 'Parallel',
        selector: { matchLabels: selector },
        template: {
          metadata: { labels: selector },
          spec: {
            automountServiceAccountToken: false,
            nodeSelector: props.node === undefined ? undefined : { 'kubernetes.io/hostname': props.node },
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'kubernetes.io/hostname',
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels: selector },
              },
            ],
            securityContext: POD_SECURITY,
            containers: [
              {
                name: 'postgres',
                image: IMAGE,
                command: props.command,
                ports: [{ name: 'postgres', containerPort: 5432 }],
                env: [
                  { name: 'PGDATA', value: '/var/lib/postgresql/data/pgdata' },
                  { name: 'POSTGRES_PASSWORD', valueFrom: { secretKeyRef: { name: CREDENTIALS, key: 'password' } } },
                  { name: 'POSTGRES_INITDB_ARGS', value: '--data-checksums' },
                  {
                    name: 'POD_INDEX',
                    valueFrom: { fieldRef: { fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']" } },
                  },
                ],
                resources: serverResources(props),
                // By TCP: the server that the image's entry point runs while it initialises is on the socket only.
                readinessProbe: { exec: { command: ['pg_isready', '-h', '127.0.0.1'] }, periodSeconds: 1 },
                securityContext: CONTAINER_SECURITY,
                volumeMounts: [
                  { name: 'data', mountPath: '/var/lib/postgresql/data' },
                  ...files.map(([configMap, mountPath]) => ({ name: configMap, mountPath })),
                ],
              },
            ],
            volumes: files.map(([configMap]) => ({
              name: configMap,
              configMap: { name: configMap, defaultMode: 0o555 },
            })),
          },
        },
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claimSpec(props) }],
      },
    },
  ];
}

export function claimSpec(props: { readonly storageClassName: string; readonly gibibytes: number }): object {
  return {
    accessModes: ['ReadWriteOnce'],
    storageClassName: props.storageClassName,
    resources: { requests: { storage: `${props.gibibytes}Gi` } },
  };
}

/** What our server's container asks for and may use; whatever is compared to it gets the same. */
export function serverResources(props: SetProps): object | undefined {
  const set = ourSet(props).find((manifest) => manifest.kind === 'StatefulSet');
  return set?.spec?.template?.spec.containers.find((container) => container.name === 'postgres')?.resources;
}

export const POD_SECURITY = {
  runAsNonRoot: true,
  runAsUser: 999,
  runAsGroup: 999,
  fsGroup: 999,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
};
export const CONTAINER_SECURITY = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

/** As one file for `kubectl apply`. */
export function toYaml(manifests: object[]): string {
  return Yaml.stringify(...manifests);
}
