import { Size, SizeRoundingBehavior } from 'cdk8s';
import { ContainerResources, Cpu, k8s } from 'cdk8s-plus-28';
import { checkObject, checkSize, shown } from '../values/checks';

/** What a container asks for and may use, of one kind. */
interface Bounds {
  readonly request?: unknown;
  readonly limit?: unknown;
}

/** Enough for a small database; explicit, as cdk8s-plus would ask for a whole CPU for each container. */
export const DEFAULT_RESOURCES: ContainerResources = {
  cpu: { request: Cpu.millis(250) },
  memory: { request: Size.gibibytes(1), limit: Size.gibibytes(1) },
};

/** Below this the sidecar is killed as soon as it starts its client. */
const LEAST_SIDECAR_MIB = 32;

/** A shell and a client that stay; measured in `test/bench`. */
const SIDECAR_RESOURCES: ContainerResources = {
  cpu: { request: Cpu.millis(10) },
  memory: { request: Size.mebibytes(32), limit: Size.mebibytes(128) },
};

/**
 * The same, and what copies the data: it has a limit of its own, above which the copy would be killed again and again.
 */
const DONOR_RESOURCES: ContainerResources = {
  cpu: { request: Cpu.millis(10) },
  memory: { request: Size.mebibytes(64), limit: Size.mebibytes(512) },
};

/** A shell, and rclone while something is sent: it holds a few parts of the log, and its own buffers. */
export const SHIP_RESOURCES: ContainerResources = {
  cpu: { request: Cpu.millis(10) },
  memory: { request: Size.mebibytes(32), limit: Size.mebibytes(384) },
};

/** What copies one file. */
export const RCLONE_RESOURCES: ContainerResources = {
  cpu: { request: Cpu.millis(10) },
  memory: { request: Size.mebibytes(16), limit: Size.mebibytes(128) },
};

/**
 * What is on a node's disk on its way to the store, or from it, and rclone's program: asked for, so that no node gets
 * more of these pods than it has room for. Without a limit, as the scripts bound it, and the kubelet would end a pod
 * for a little more.
 */
export const RCLONE_DISK = Size.mebibytes(128);
/** Five chunks of a copy, of 64 mebibytes. */
export const BACKUP_DISK = Size.mebibytes(384);
/** The same, as it takes the first copy, and parts of the log. */
export const SHIP_DISK = Size.mebibytes(512);
/** One chunk, and the server's log. */
export const PROOF_DISK = Size.mebibytes(128);

const KINDS = ['cpu', 'memory', 'ephemeralStorage'] as const;

/**
 * What a container gets: what is given, and of what is not given its default. So memory that the server's caches are
 * computed from is always asked for.
 */
export function resourcesOf(
  prop: string,
  given: ContainerResources | undefined,
  defaults: ContainerResources,
): ContainerResources {
  const resources = checkResources(prop, given ?? {});
  return Object.fromEntries(
    KINDS.flatMap((kind) => {
      const bounds = isEmpty(resources[kind]) ? defaults[kind] : resources[kind];
      return bounds === undefined ? [] : [[kind, bounds]];
    }),
  );
}

/** What the sidecar gets. */
export function sidecarResources(given: ContainerResources | undefined, givesCopies: boolean): ContainerResources {
  const resources = resourcesOf('syncResources', given, givesCopies ? DONOR_RESOURCES : SIDECAR_RESOURCES);
  const limit = resources.memory?.limit;
  if (limit !== undefined && limit.toMebibytes() < LEAST_SIDECAR_MIB) {
    throw new Error(`syncResources.memory.limit must be at least ${LEAST_SIDECAR_MIB} mebibytes, got ${shown(limit)}`);
  }
  return resources;
}

/** Refuse what Kubernetes refuses: nothing at all, and requests above their limits. */
export function checkResources(prop: string, resources: ContainerResources): ContainerResources {
  checkObject(prop, resources);
  for (const kind of KINDS) {
    if (resources[kind] === undefined) continue;
    const { request, limit } = checkObject<Bounds>(`${prop}.${kind}`, resources[kind]);
    const [asked, most] = [
      ['request', request],
      ['limit', limit],
    ].map(([name, value]) => amountOf(`${prop}.${kind}.${name as string}`, kind, value));
    if (asked !== undefined && most !== undefined && asked > most) {
      throw new Error(
        `${prop}.${kind}.request must be at most the limit, got ${shown(request)} with a limit of ${shown(limit)}`,
      );
    }
  }
  return resources;
}

function isEmpty(bounds: Bounds | undefined): boolean {
  return bounds?.request === undefined && bounds?.limit === undefined;
}

/** Thousandths of a CPU, or mebibytes: Kubernetes and cdk8s-plus know nothing smaller. */
function amountOf(prop: string, kind: (typeof KINDS)[number], value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const amount =
    kind === 'cpu'
      ? millisOf(prop, value)
      : checkSize(prop, value).toMebibytes({ rounding: SizeRoundingBehavior.NONE });
  if (!(Number.isSafeInteger(amount) && amount > 0)) {
    throw new Error(
      `${prop} must be a whole number of ${kind === 'cpu' ? 'thousandths of a CPU' : 'mebibytes'} greater than zero, got ${shown(value)}`,
    );
  }
  return amount;
}

function millisOf(prop: string, value: unknown): number {
  const amount: unknown = (value as Partial<Cpu> | null)?.amount;
  if (typeof amount !== 'string') {
    throw new Error(`${prop} must be a Cpu, as Cpu.millis(250), got ${shown(value)}`);
  }
  const millis = amount.endsWith('m') ? Number(amount.slice(0, -1)) : Number(amount) * 1000;
  return Math.abs(millis - Math.round(millis)) < 1e-6 ? Math.round(millis) : NaN;
}

/** As Kubernetes writes them, for a pod that is no workload of cdk8s-plus. */
export function toKubernetes({ cpu, memory, ephemeralStorage }: ContainerResources): k8s.ResourceRequirements {
  const of = (bound: 'request' | 'limit'): { [kind: string]: k8s.Quantity } => ({
    ...(cpu?.[bound] && { cpu: k8s.Quantity.fromString(cpu[bound].amount) }),
    ...(memory?.[bound] && { memory: binary(memory[bound]) }),
    ...(ephemeralStorage?.[bound] && { 'ephemeral-storage': binary(ephemeralStorage[bound]) }),
  });
  return { requests: of('request'), limits: of('limit') };
}

/** As the API server writes it: another spelling of the same would be a change for Argo CD. */
function binary(size: Size): k8s.Quantity {
  const mebibytes = size.toMebibytes();
  return k8s.Quantity.fromString(mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`);
}
