import { Duration } from 'cdk8s';
import { Capability, ContainerProps, ContainerSecurityContextProps, ImagePullPolicy, Probe } from 'cdk8s-plus-28';
import { Engine } from '../../../core/engine';
import { DEFAULT_RESOURCES } from '../../../core/render/containers';
import { shown } from '../../../values/checks';

const DEFAULT_USER = 1000;

/**
 * The container of the application, so made that the kernel lets it write at ordinal 0 only: its user owns nothing on a replica, and may not make
 * itself another.
 */
export function applicationContainer(props: ContainerProps, engine: Engine): ContainerProps {
  return {
    name: 'application',
    imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT,
    resources: DEFAULT_RESOURCES,
    startup: engine.clientPort === undefined ? undefined : untilItListens(engine.clientPort),
    ...props,
    securityContext: completeSecurity(checkSecurity(props.securityContext ?? {}, engine), engine),
  };
}

/** What is not said must not come from the pod, whose user may write everywhere, nor from the container runtime, which drops few capabilities. */
function completeSecurity(security: ContainerSecurityContextProps, engine: Engine): ContainerSecurityContextProps {
  const { user = DEFAULT_USER, group = engine.user, capabilities } = security;
  return { ...security, user, group, capabilities: { ...capabilities, drop: [Capability.ALL] } };
}

function checkSecurity(security: ContainerSecurityContextProps, engine: Engine): ContainerSecurityContextProps {
  const { user, group, privileged, allowPrivilegeEscalation, ensureNonRoot, capabilities } = security;
  for (const [prop, id] of Object.entries({ user, group })) {
    if (id !== undefined && !(Number.isInteger(id) && id >= 0)) {
      throw new Error(`container.securityContext.${prop} must be a whole number, got ${shown(id)}`);
    }
  }
  if (user === 0 || ensureNonRoot === false) {
    throw new Error('container.securityContext must not let the application be root, who can write on every replica: name another user');
  }
  if (user === engine.user) {
    throw new Error(`container.securityContext.user must not be ${user}: the files of a replica belong to it, so the application could write there; name another`);
  }
  if (privileged === true || allowPrivilegeEscalation === true) {
    throw new Error('container.securityContext must not be privileged or allow to become so: the application could write on every replica');
  }
  const added = (capabilities?.add ?? []).filter((capability) => capability !== Capability.NET_BIND_SERVICE);
  if (added.length > 0) {
    throw new Error(`container.securityContext.capabilities may add NET_BIND_SERVICE only, got '${added.join('\', \'')}': others let the application write on every replica`);
  }
  return security;
}

/** cdk8s-plus would ask every ten seconds, and give up after the third time. */
function untilItListens(port: number): Probe {
  return Probe.fromTcpSocket({ port, periodSeconds: Duration.seconds(1), failureThreshold: 600 });
}
