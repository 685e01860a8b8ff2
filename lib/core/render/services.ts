import { Endpoint, ReadEndpoint } from '../endpoints';
import { SetNames } from '../private/names';
import { POD_INDEX_LABEL } from './layout';

/**
 * A port of the Services. Of a database's a mesh is told that it is plain TCP: it would wait for the client to speak
 * first, and some servers do.
 */
export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly appProtocol?: 'tcp';
}

/**
 * Specs of the three Services, in the order in which they are emitted: the pods' own names, the primary, and reads.
 */
export function serviceSpecs(
  names: SetNames,
  selector: { [label: string]: string },
  port: ServicePort,
): { [name: string]: object } {
  return {
    // Names must answer before the pod is ready: pods find one another by them while they start.
    [names.headlessService]: { clusterIP: 'None', publishNotReadyAddresses: true, selector, ports: [port] },
    // There is one pod that it can be: to wait until it is probed would only make a restart longer. It listens when it
    // is the primary.
    [names.primaryService]: {
      publishNotReadyAddresses: true,
      selector: { ...selector, [POD_INDEX_LABEL]: '0' },
      ports: [port],
    },
    [names.readService]: { selector, ports: [port] },
  };
}

/** Within the namespace the short name does, and stays right where a tool puts everything into another namespace. */
export function endpoint(host: string, namespace: string | undefined, port: number): Endpoint {
  const full = namespace === undefined ? host : `${host}.${namespace}.svc`;
  return { host: full, port, address: `${full}:${port}` };
}

/** The read Service, and the list that a Service cannot give. */
export function readEndpoint(service: Endpoint, replicas: Endpoint[]): ReadEndpoint {
  return { ...service, replicas };
}
