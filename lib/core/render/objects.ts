import { ApiObject, ApiObjectMetadata } from 'cdk8s';
import { Construct } from 'constructs';
import { EngineConfig } from '../engine';
import { SetModel } from '../model';
import { ScriptFiles } from '../private/pod-scripts';
import { addBackupJobs, Placement } from './backup-job';
import { withoutPruning } from '../../values/deployment-tools';
import { SCRIPTS_LABEL } from '../../values/labels';
import { checkObjectSize, SizedObject } from '../../values/object-size';
import { ServicePort, serviceSpecs } from './services';

type NamedMetadata = ApiObjectMetadata & { readonly name: string };
type FileContent = Pick<SizedObject, 'data' | 'immutable'>;

/** What the application of plain files speaks is its own affair. */
function portOf({ name, port, clientPort }: EngineConfig): ServicePort {
  return clientPort === undefined ? { name, port, appProtocol: 'tcp' } : { name, port: clientPort };
}

/**
 * ConfigMaps, Services and the disruption budget, before the StatefulSet: so `kubectl apply` makes what its pods need
 * first.
 *
 * @param config files for which the pods restart
 * @param placement where the pods may run, as far as that is known at synth only
 */
export function addObjects(
  scope: Construct,
  model: SetModel,
  config: { readonly [fileName: string]: string },
  placement: Placement,
): void {
  const { names, engine, selector } = model;
  const add = (id: string, apiVersion: string, kind: string, metadata: ApiObjectMetadata, content: object): ApiObject =>
    new ApiObject(scope, id, { apiVersion, kind, metadata, ...content });
  const named = (name: string): NamedMetadata => ({ ...model.metadata, name });
  const addFiles = (id: string, prop: string, metadata: NamedMetadata, content: FileContent): void => {
    checkObjectSize(prop, { kind: 'ConfigMap', metadata, ...content });
    add(id, 'v1', 'ConfigMap', metadata, content);
  };

  const addScripts = (id: string, prop: string, name: string, { files, digest }: ScriptFiles): void =>
    addFiles(id, prop, scriptsMetadata(model, name, digest), { immutable: true, data: files });

  addScripts('Scripts', 'engine.scripts', names.scripts, model.scripts);
  const { ofBackups } = model.scripts;
  if (ofBackups !== undefined) {
    addScripts('BackupScripts', 'engine.backupScripts', names.backupScripts, ofBackups);
  }
  // Not in the pod template's hash: a pod need not restart because there are more of them.
  addFiles('Config', 'parameters', named(names.config), { data: { ...config, replicas: `${model.replicas}\n` } });
  if (engine.initFiles !== undefined) {
    addFiles('InitFiles', 'initScripts', named(names.initFiles), { data: engine.initFiles });
  }
  for (const [name, spec] of Object.entries(serviceSpecs(names, selector, portOf(engine)))) {
    add(`Service-${name}`, 'v1', 'Service', named(name), { spec });
  }
  addBackupJobs(scope, model, placement);
  if (model.replicas > 1) {
    // One at a time: a budget that allows none at all would block the draining of nodes.
    add('DisruptionBudget', 'policy/v1', 'PodDisruptionBudget', named(model.name), {
      spec: { maxUnavailable: 1, selector: { matchLabels: selector } },
    });
  }
}

/**
 * Of the scripts: they are immutable, and stay when others have come, which have another name. So a pod of the former
 * revision that starts again in the middle of a rollout has the scripts that it had.
 */
function scriptsMetadata({ metadata }: SetModel, name: string, digest: string): NamedMetadata {
  return {
    ...metadata,
    name,
    labels: { ...metadata.labels, [SCRIPTS_LABEL]: digest },
    annotations: withoutPruning(metadata.annotations),
  };
}
