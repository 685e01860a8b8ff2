// The restricted Pod Security Standard (which includes the baseline) for Linux pods, as every Kubernetes from 1.29 to
// 1.37 admits it: where the minors differ, the strictest holds. So an image volume or hostUsers: false earns no
// relaxation here.

interface SecurityContext {
  readonly allowPrivilegeEscalation?: boolean;
  readonly appArmorProfile?: { readonly type?: string };
  readonly capabilities?: { readonly add?: string[]; readonly drop?: string[] };
  readonly privileged?: boolean;
  readonly procMount?: string;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly seccompProfile?: { readonly type?: string };
  readonly seLinuxOptions?: { readonly type?: string; readonly user?: string; readonly role?: string };
  readonly sysctls?: { readonly name: string }[];
  readonly windowsOptions?: { readonly hostProcess?: boolean };
}

interface Handler {
  readonly httpGet?: { readonly host?: string };
  readonly tcpSocket?: { readonly host?: string };
}

interface Container {
  readonly name: string;
  readonly securityContext?: SecurityContext;
  readonly ports?: { readonly hostPort?: number }[];
  readonly livenessProbe?: Handler;
  readonly readinessProbe?: Handler;
  readonly startupProbe?: Handler;
  readonly lifecycle?: { readonly postStart?: Handler; readonly preStop?: Handler };
}

interface PodSpec {
  readonly securityContext?: SecurityContext;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly initContainers?: Container[];
  readonly containers?: Container[];
  readonly ephemeralContainers?: Container[];
  readonly volumes?: { readonly name: string; readonly [source: string]: unknown }[];
}

interface PodTemplate {
  readonly metadata?: { readonly annotations?: Record<string, string> };
  readonly spec?: PodSpec;
}

interface Manifest {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
  readonly spec?: {
    readonly template?: PodTemplate;
    readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplate } };
  };
}

/**
 * What the restricted standard forbids in the pods of a manifest, one line each; empty for a manifest that makes no
 * pods.
 */
export function podSecurityViolations(manifest: unknown): string[] {
  const template = podTemplate(manifest as Manifest);
  if (!template) return [];
  const { spec = {} } = template;
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
  return [
    ...podViolations(template, spec),
    ...securityContextViolations('pod', spec.securityContext ?? {}),
    ...containers.flatMap((container) => containerViolations(container, spec.securityContext ?? {})),
  ];
}

function podTemplate(manifest: Manifest): PodTemplate | undefined {
  if (manifest.kind === 'Pod') return manifest as PodTemplate;
  return manifest.spec?.template ?? manifest.spec?.jobTemplate?.spec?.template;
}

const volumeSources = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];
const safeSysctls = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_syncookies',
];

function podViolations(template: PodTemplate, spec: PodSpec): string[] {
  const found: string[] = [];
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC'] as const) {
    if (spec[field]) found.push(`pod: ${field} must not be true`);
  }
  for (const { name, ...sources } of spec.volumes ?? []) {
    const bad = Object.keys(sources).filter((source) => !volumeSources.includes(source));
    if (bad.length > 0)
      found.push(`pod: volume ${name} is of type ${bad.join(', ')}, allowed are ${volumeSources.join(', ')}`);
  }
  for (const { name } of spec.securityContext?.sysctls ?? []) {
    if (!safeSysctls.includes(name)) found.push(`pod: sysctl ${name} is not a safe one`);
  }
  for (const [key, value] of Object.entries(template.metadata?.annotations ?? {})) {
    if (
      key.startsWith('container.apparmor.security.beta.kubernetes.io/') &&
      !/^($|runtime\/default$|localhost\/)/.test(value)
    ) {
      found.push(`pod: annotation ${key} must not be ${value}`);
    }
  }
  return found;
}

/** The rules that hold for a pod's security context and for a container's alike. */
function securityContextViolations(where: string, context: SecurityContext): string[] {
  const found: string[] = [];
  const seLinux = context.seLinuxOptions;
  if (context.runAsNonRoot === false) found.push(`${where}: runAsNonRoot must not be false`);
  if (context.runAsUser === 0) found.push(`${where}: runAsUser must not be 0`);
  if (context.seccompProfile && !['RuntimeDefault', 'Localhost'].includes(context.seccompProfile.type ?? '')) {
    found.push(`${where}: seccompProfile.type must be RuntimeDefault or Localhost, got ${context.seccompProfile.type}`);
  }
  if (context.appArmorProfile && !['RuntimeDefault', 'Localhost'].includes(context.appArmorProfile.type ?? '')) {
    found.push(
      `${where}: appArmorProfile.type must be RuntimeDefault or Localhost, got ${context.appArmorProfile.type}`,
    );
  }
  if (
    !['', 'container_t', 'container_init_t', 'container_kvm_t'].includes(seLinux?.type ?? '') ||
    seLinux?.user ||
    seLinux?.role
  ) {
    found.push(`${where}: seLinuxOptions must not set user, role or the type ${seLinux?.type}`);
  }
  if (context.windowsOptions?.hostProcess) found.push(`${where}: windowsOptions.hostProcess must not be true`);
  return found;
}

function containerViolations(container: Container, pod: SecurityContext): string[] {
  const where = `container ${container.name}`;
  const context = container.securityContext ?? {};
  const { add = [], drop = [] } = context.capabilities ?? {};
  const found = securityContextViolations(where, context);
  if ((context.runAsNonRoot ?? pod.runAsNonRoot) === undefined)
    found.push(`${where}: it or the pod must set runAsNonRoot: true`);
  if (!context.seccompProfile && !pod.seccompProfile) found.push(`${where}: it or the pod must set a seccompProfile`);
  if (context.allowPrivilegeEscalation !== false) found.push(`${where}: allowPrivilegeEscalation must be false`);
  if (context.privileged) found.push(`${where}: privileged must not be true`);
  if ((context.procMount ?? 'Default') !== 'Default')
    found.push(`${where}: procMount must be Default, got ${context.procMount}`);
  if (!drop.includes('ALL')) found.push(`${where}: capabilities.drop must include ALL`);
  const added = add.filter((capability) => capability !== 'NET_BIND_SERVICE');
  if (added.length > 0) found.push(`${where}: capabilities.add must not include ${added.join(', ')}`);
  if (container.ports?.some(({ hostPort }) => hostPort)) found.push(`${where}: no port may have a hostPort`);
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  for (const handler of [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop]) {
    const host = handler?.httpGet?.host ?? handler?.tcpSocket?.host;
    if (host) found.push(`${where}: no probe or hook may name a host, got ${host}`);
  }
  return found;
}
