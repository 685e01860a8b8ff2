import { Duration } from 'cdk8s';
import {
  Capability,
  Container,
  ContainerProps,
  EnvFieldPaths,
  EnvValue,
  Handler,
  ImagePullPolicy,
  Probe,
  Workload,
} from 'cdk8s-plus-28';
import { RCLONE_RESOURCES, SHIP_RESOURCES } from '../resources';
import { SetModel, STARTUP_ATTEMPT } from '../model';
import { POD_INDEX_LABEL, PREPARE, RCLONE, RCLONE_PATH, SCRIPTS_PATH, SHIP, STATE_PATH, SYNC } from './layout';

/**
 * The three containers that every pod has: `prepare` gives the volume its data, the engine's own serves, `sync` keeps
 * it in its role. What they have mounted is added when the pod is rendered (`volumes.ts`): for cdk8s-plus each volume
 * would be a construct.
 */
export function addContainers(pod: Workload, model: SetModel): void {
  const { engine, resources, syncResources, startupBudget } = model;
  if (rcloneImage(model) !== undefined) pod.addInitContainer(rcloneContainer(model));
  // The pod's request is no larger for `prepare`, as init containers are done before the others begin.
  pod.addInitContainer(
    container({
      name: PREPARE,
      image: engine.image,
      command: script('prepare.sh'),
      resources,
      envVariables: engine.environment,
    }),
  );
  pod.attachContainer(
    new Container(
      container({
        name: engine.name,
        image: engine.image,
        command: script('run.sh'),
        resources,
        envVariables: engine.environment,
        ports: [{ name: engine.name, number: engine.port }],
        startup: untilStarted('started-server.sh', startupBudget),
        // An open port is all it asks for: a server that recovers listens, and must never be killed for not answering
        // yet.
        liveness: Probe.fromTcpSocket({
          port: engine.port,
          periodSeconds: Duration.seconds(10),
          timeoutSeconds: Duration.seconds(5),
          failureThreshold: 6,
        }),
        lifecycle: { preStop: Handler.fromCommand(script('pre-stop.sh')) },
      }),
    ),
  );
  pod.attachContainer(
    new Container(
      container({
        name: SYNC,
        image: engine.image,
        command: script('sync.sh'),
        resources: syncResources,
        ...(engine.copyPort !== undefined && { ports: [{ name: 'copy', number: engine.copyPort }] }),
        // If the pod is never ready, only this sidecar restarts.
        startup: untilStarted('started-sync.sh', Duration.hours(1)),
        // One small process, which succeeds only if the file is there, and leaves the sign that Kubernetes has seen it
        // (sync.sh). It is asked at once when the startup probe has succeeded; to be asked more often would cost more
        // than all else in an idle pod.
        readiness: Probe.fromCommand(['cp', `${STATE_PATH}/ready`, `${STATE_PATH}/seen-ready`], {
          periodSeconds: Duration.seconds(10),
          timeoutSeconds: Duration.seconds(5),
          failureThreshold: 1,
        }),
      }),
    ),
  );
  if (model.backup !== undefined) {
    pod.attachContainer(
      new Container(
        container({ name: SHIP, image: engine.image, command: script('ship.sh'), resources: SHIP_RESOURCES }),
      ),
    );
  }
}

/**
 * Whose program the pods need: the engine's, or that of the store. Of all the image is one, as it is only the program
 * that is taken from it.
 */
function rcloneImage({ engine, backup, restoreFrom }: SetModel): string | undefined {
  return engine.rcloneImage ?? (backup?.store ?? restoreFrom?.store)?.rcloneImage;
}

/**
 * One static program is all that is taken from its image, so that the engine's own programs and rclone run in one
 * container.
 */
function rcloneContainer(model: SetModel): ContainerProps {
  const { image, command } = rcloneCopy(model);
  return container({ name: RCLONE, image, command, resources: RCLONE_RESOURCES });
}

/** How rclone's program comes into a pod. */
export function rcloneCopy(model: SetModel): { readonly image: string; readonly command: string[] } {
  return { image: rcloneImage(model) ?? '', command: ['cp', '/usr/local/bin/rclone', `${RCLONE_PATH}/rclone`] };
}

/**
 * A probe that waits, and answers the moment that all is well: one that is asked again each second costs half a second
 * on average.
 */
function untilStarted(name: string, budget: Duration): Probe {
  return Probe.fromCommand(script(name), {
    periodSeconds: Duration.seconds(1),
    timeoutSeconds: STARTUP_ATTEMPT,
    failureThreshold: Math.ceil(budget.toSeconds() / STARTUP_ATTEMPT.toSeconds()),
  });
}

function container(props: ContainerProps): ContainerProps {
  return {
    ...props,
    envVariables: {
      POD_INDEX: EnvValue.fromFieldRef(EnvFieldPaths.POD_LABEL, { key: POD_INDEX_LABEL }),
      ...props.envVariables,
    },
    imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT,
    securityContext: {
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: [Capability.ALL] },
    },
  };
}

/** The command that runs a script, by its first line. */
export function script(name: string): string[] {
  return [`${SCRIPTS_PATH}/${name}`];
}
