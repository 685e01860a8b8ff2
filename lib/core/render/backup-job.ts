import { ApiObject, Cron, Lazy } from 'cdk8s';
import { ContainerResources, k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Backup } from '../../backups/backup';
import { digest } from '../../values/digest';
import { JOB_LABEL } from '../../values/labels';
import { withoutEmpty } from '../../values/plain-json';
import { Labels, SetModel } from '../model';
import { BACKUP_DISK, PROOF_DISK, RCLONE_DISK, RCLONE_RESOURCES, SHIP_RESOURCES, toKubernetes } from '../resources';
import { rcloneCopy, script } from './containers';
import { DATA_VOLUME, RCLONE } from './layout';
import { jobMounts, jobVolumes } from './volumes';

/** No one waits for a job that takes longer: the next one is due. */
const LONGEST_SECONDS = 24 * 3600;
const RETRIES = 2;
/** So long the log of a job with a volume can be read. */
const LOG_SECONDS = 3600;
const JOBS = ['backup', 'proof'];

/** A job of the set's that is none of its pods. */
interface Job {
  /** Of its container, and after the engine's in a label of its pods. */
  readonly name: string;
  readonly script: string;
  readonly resources: ContainerResources;
  /** A volume of its own where the server's data would be, like the set's. It goes with the pod. */
  readonly hasScratch: boolean;
}

/** What is known of the set's own pods at synth only. */
export type Placement = () => Pick<k8s.PodSpec, 'tolerations'>;

/** The CronJobs that take a copy of all data, and that prove it. One by hand is a job made from them. */
export function addBackupJobs(scope: Construct, model: SetModel, placement: Placement): void {
  const { backup, engine, metadata, names, name } = model;
  if (backup === undefined) return;
  const add = (id: string, objectName: string, schedule: string, job: Job): ApiObject =>
    new ApiObject(scope, id, {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { ...metadata, name: objectName },
      // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- cdk8s types what is produced late as any
      spec: Lazy.any({
        produce: () => ({
          schedule,
          // Otherwise it would be that of the cluster's controllers.
          timeZone: 'Etc/UTC',
          concurrencyPolicy: 'Forbid',
          startingDeadlineSeconds: 3600,
          jobTemplate: {
            spec: {
              backoffLimit: RETRIES,
              activeDeadlineSeconds: LONGEST_SECONDS,
              // A pod that has ended keeps its volume as long as it is there.
              ...(job.hasScratch && { ttlSecondsAfterFinished: LOG_SECONDS }),
              template: podTemplate(model, backup, job, placement()),
            },
          },
        }),
      }),
    });
  add('Backup', names.backup, expressionOf(backup.schedule) ?? inTheNight(name, 1, '*'), {
    name: 'backup',
    script: 'backup.sh',
    hasScratch: engine.backsUpFromVolume === true,
    resources: {
      ephemeralStorage: { request: BACKUP_DISK },
      ...(engine.backsUpFromVolume === true ? model.resources : SHIP_RESOURCES),
    },
  });
  add(
    'Proof',
    names.proof,
    expressionOf(backup.proofSchedule) ??
      inTheNight(name, 6, String(Number.parseInt(digest(name).slice(6, 10), 16) % 7)),
    {
      name: 'proof',
      script: 'prove.sh',
      resources: { ephemeralStorage: { request: PROOF_DISK }, ...model.resources },
      hasScratch: true,
    },
  );
}

/** What the pods of jobs are known by, and nothing that selects the set's pods knows. */
export function jobLabels(model: SetModel): Labels[] {
  return JOBS.map((jobName) => ({ ...jobSelector(model), ...labelsOf(model, jobName) }));
}

/** What selects the pods of all jobs of a set. */
export function jobSelector({ name }: SetModel): Labels {
  return { [JOB_LABEL]: name };
}

function labelsOf({ engine, name }: SetModel, jobName: string): Labels {
  return { 'app.kubernetes.io/name': `${engine.name}-${jobName}`, 'app.kubernetes.io/instance': name };
}

function expressionOf(schedule: Cron | undefined): string | undefined {
  return schedule?.expressionString;
}

/**
 * In the four hours from `hour` on, at a minute that follows from the name: a hundred sets do not begin at once, and
 * none moves when another comes.
 */
function inTheNight(name: string, hour: number, weekDay: string): string {
  const minute = Number.parseInt(digest(name).slice(0, 6), 16) % 240;
  return `${minute % 60} ${hour + Math.floor(minute / 60)} * * ${weekDay}`;
}

function podTemplate(
  model: SetModel,
  { store }: Backup,
  job: Job,
  { tolerations }: Pick<k8s.PodSpec, 'tolerations'>,
): object {
  const { engine, storage } = model;
  const container = (
    name: string,
    image: string,
    command: string[],
    needs: ContainerResources,
    mounts: k8s.VolumeMount[],
  ): k8s.Container => ({
    name,
    image,
    command,
    imagePullPolicy: 'IfNotPresent',
    resources: toKubernetes(needs),
    securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    volumeMounts: mounts,
  });
  const { image, command } = rcloneCopy(model);
  const dataMount = job.hasScratch ? [{ name: DATA_VOLUME, mountPath: engine.volumePath }] : [];
  const spec: k8s.PodSpec = {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    serviceAccountName: store.serviceAccountName,
    enableServiceLinks: false,
    nodeSelector: model.nodeSelector,
    tolerations,
    priorityClassName: model.priorityClassName,
    securityContext: {
      runAsUser: engine.user,
      runAsGroup: engine.user,
      fsGroup: engine.user,
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    initContainers: [
      container(
        RCLONE,
        image,
        command,
        { ...RCLONE_RESOURCES, ephemeralStorage: { request: RCLONE_DISK } },
        jobMounts(model, RCLONE),
      ),
    ],
    containers: [
      container(job.name, engine.image, script(job.script), job.resources, [
        ...jobMounts(model, job.name),
        ...dataMount,
      ]),
    ],
    volumes: [
      ...jobVolumes(model),
      ...(job.hasScratch && storage._emptyDir !== undefined
        ? [{ name: DATA_VOLUME, emptyDir: storage._emptyDir }]
        : []),
    ],
  };
  const rendered = k8s.toJson_PodSpec(spec) as { readonly volumes: readonly object[] };
  // Plain JSON, as the model has it: the typed step takes quantities of its own only.
  const ownVolume =
    job.hasScratch && storage._claimSpec !== undefined ? [ownClaim(storage._claimSpec, labelsOf(model, job.name))] : [];
  return withoutEmpty({
    // Not the labels by which Services and policies find the set's pods.
    metadata: { labels: { ...labelsOf(model, job.name), ...jobSelector(model) } },
    spec: { ...rendered, volumes: [...rendered.volumes, ...ownVolume] },
  });
}

/**
 * A volume that goes with its pod. What the API server would fill in stands there, or Argo CD takes it for a change.
 */
function ownClaim(spec: object, labels: { readonly [name: string]: string }): object {
  return {
    name: DATA_VOLUME,
    ephemeral: { volumeClaimTemplate: { metadata: { labels }, spec: { ...spec, volumeMode: 'Filesystem' } } },
  };
}
