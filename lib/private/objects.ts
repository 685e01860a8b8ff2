import { ApiObject, ApiObjectMetadata } from 'cdk8s';
import { Construct } from 'constructs';
import { Engine } from '../engine';
import { SetNames } from './names';
import { PodFiles } from './pod-files';
import { serviceSpecs } from './services';

/** What the objects beside the StatefulSet are made of. */
export interface ObjectsModel {
  readonly metadata: ApiObjectMetadata;
  readonly setName: string;
  readonly names: SetNames;
  readonly selector: { [label: string]: string };
  readonly replicas: number;
  readonly engine: Engine;
  readonly files: PodFiles;
}

/**
 * ConfigMaps, Services and the disruption budget, before the StatefulSet: so `kubectl apply` makes what its pods need first.
 */
export function addObjects(scope: Construct, model: ObjectsModel): void {
  const { names, engine, files } = model;
  const add = (id: string, apiVersion: string, kind: string, name: string, content: object): ApiObject =>
    new ApiObject(scope, id, { apiVersion, kind, metadata: { ...model.metadata, name }, ...content });

  add('Scripts', 'v1', 'ConfigMap', names.scripts, { data: files.scripts });
  // Not in the pod template's hash: a pod need not restart because there are more of them.
  add('Config', 'v1', 'ConfigMap', names.config, { data: { ...files.config, replicas: `${model.replicas}\n` } });
  if (engine.initFiles !== undefined) {
    add('InitFiles', 'v1', 'ConfigMap', names.initFiles, { data: engine.initFiles });
  }
  for (const [name, spec] of Object.entries(serviceSpecs(names, model.selector, { name: engine.name, port: engine.clientPort ?? engine.port }))) {
    add(`Service-${name}`, 'v1', 'Service', name, { spec });
  }
  if (model.replicas > 1) {
    // One at a time: a budget that allows none at all would block the draining of nodes.
    add('DisruptionBudget', 'policy/v1', 'PodDisruptionBudget', model.setName, { spec: { maxUnavailable: 1, selector: { matchLabels: model.selector } } });
  }
}
