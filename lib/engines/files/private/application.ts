import { Duration } from 'cdk8s';
import { Capability, ContainerProps, ContainerSecurityContextProps, ImagePullPolicy, Probe } from 'cdk8s-plus-28';
import { DEFAULT_RESOURCES } from '../../../core/resources';
import { shown } from '../../../values/checks';
import { FILES_USER, firstPort } from './files-engine';

const DEFAULT_USER = 1000;

/**
 * The container of the application, so made that the kernel lets it write at ordinal 0 only: its user owns nothing on a
 * replica, and may not make itself another.
 */
export function applicationContainer(props: ContainerProps): ContainerProps {
  const port = firstPort(props);
  return {
    name: 'application',
    imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT,
    resources: DEFAULT_RESOURCES,
    startup: port === undefined ? undefined : untilItListens(port),
    ...props,
    securityContext: completeSecurity(checkSecurity(props.securityContext ?? {})),
  };
}

/**
 * What is not said must not come from the pod, whose user may write everywhere, nor from the container runtime, which
 * drops few capabilities.
 */
function completeSecurity(security: ContainerSecurityContextProps): ContainerSecurityContextProps {
  const { user = DEFAULT_USER, group = FILES_USER, capabilities } = security;
  return { ...security, user, group, capabilities: { ...capabilities, drop: [Capability.ALL] } };
}

function checkSecurity(security: ContainerSecurityContextProps): ContainerSecurityContextProps {
  const { user, group, privileged, allowPrivilegeEscalation, ensureNonRoot, capabilities } = security;
  for (const [prop, id] of Object.entries({ user, group })) {
    if (id !== undefined && !(Number.isInteger(id) && id >= 0)) {
      throw new Error(`container.securityContext.${prop} must be a whole number, got ${shown(id)}`);
    }
  }
  if (user === 0 || ensureNonRoot === false) {
    throw new Error(
      'container.securityContext must not let the application be root, who can write on every replica: name another user',
    );
  }
  if (user === FILES_USER) {
    throw new Error(
      `container.securityContext.user must not be ${user}: the files of a replica belong to it, so the application could write there; name another`,
    );
  }
  if (privileged === true || allowPrivilegeEscalation === true) {
    throw new Error(
      'container.securityContext must not be privileged or allow to become so: the application could write on every replica',
    );
  }
  const added = (capabilities?.add ?? []).filter((capability) => capability !== Capability.NET_BIND_SERVICE);
  if (added.length > 0) {
    throw new Error(
      `container.securityContext.capabilities may add NET_BIND_SERVICE only, got '${added.join("', '")}': others let the application write on every replica`,
    );
  }
  return security;
}

/** cdk8s-plus would ask every ten seconds, and give up after the third time. */
function untilItListens(port: number): Probe {
  return Probe.fromTcpSocket({ port, periodSeconds: Duration.seconds(1), failureThreshold: 600 });
}
