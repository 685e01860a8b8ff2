import { Cluster } from '../cluster';
import { Driver } from '../driver';
import { Pod } from '../objects';
import { messageOf, until } from '../poll';

const SECONDS = 60;

/** The names of all images in the engine's pods. */
export function imagesOf(driver: Driver, storageClassName: string): string[] {
  const yaml = driver.manifest({ replicas: 3, storageClassName });
  return [...new Set([...yaml.matchAll(/^\s+(?:- )?image: "?([^"\s]+)"?$/gm)].map(([, name]) => name))].sort();
}

/**
 * Which images these names mean on the cluster today: a tag may be another image tomorrow. By a pod of each: what nodes
 * tell of themselves is the largest images only, and not always with a digest. One that could not be started is
 * missing.
 */
export async function imageIds(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  if (names.length === 0) {
    return ids;
  }
  const cluster = new Cluster(`e2e-images-${Date.now().toString(36).slice(-5)}`);
  try {
    await cluster.create();
    await cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: names.map(podOf) }));
    await until('the images are known', SECONDS, async () => {
      (await cluster.pods()).forEach((pod) => note(pod, ids));
      return names.every((name) => ids.has(name));
    });
  } catch (error) {
    console.log(
      `which images run is not known of all, so that another under the same name would not be seen: ${messageOf(error)}`,
    );
  } finally {
    await cluster.leave();
  }
  return ids;
}

/** The name that was asked for is the pod's: a status may have it in another spelling. */
function note({ spec, status }: Pod, ids: Map<string, string>): void {
  const id = status.containerStatuses?.[0]?.imageID ?? '';
  if (id !== '') {
    ids.set(spec.containers[0].image, id);
  }
}

function podOf(image: string, index: number): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `image-${index}` },
    spec: {
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'image',
          image,
          command: ['sleep', 'infinity'],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}
