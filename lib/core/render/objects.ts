import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { EngineConfig } from '../engine';
import { SetModel } from '../model';
import { checkObjectSize } from '../../values/object-size';
import { PodFiles } from './pod-files';
import { ServicePort, serviceSpecs } from './services';

/** What the application of plain files speaks is its own affair. */
function portOf({ name, port, clientPort }: EngineConfig): ServicePort {
  return clientPort === undefined ? { name, port, appProtocol: 'tcp' } : { name, port: clientPort };
}

/**
 * ConfigMaps, Services and the disruption budget, before the StatefulSet: so `kubectl apply` makes what its pods need first.
 */
export function addObjects(scope: Construct, model: SetModel, files: PodFiles): void {
  const { names, engine, selector } = model;
  const add = (id: string, apiVersion: string, kind: string, name: string, content: object): ApiObject =>
    new ApiObject(scope, id, { apiVersion, kind, metadata: { ...model.metadata, name }, ...content });

  const addFiles = (id: string, name: string, prop: string, data: { [fileName: string]: string }): void => {
    checkObjectSize(prop, { kind: 'ConfigMap', metadata: { ...model.metadata, name }, data });
    add(id, 'v1', 'ConfigMap', name, { data });
  };

  addFiles('Scripts', names.scripts, 'engine.scripts', files.scripts);
  // Not in the pod template's hash: a pod need not restart because there are more of them.
  addFiles('Config', names.config, 'parameters', { ...files.config, replicas: `${model.replicas}\n` });
  if (engine.initFiles !== undefined) {
    addFiles('InitFiles', names.initFiles, 'initScripts', engine.initFiles);
  }
  for (const [name, spec] of Object.entries(serviceSpecs(names, selector, portOf(engine)))) {
    add(`Service-${name}`, 'v1', 'Service', name, { spec });
  }
  if (model.replicas > 1) {
    // One at a time: a budget that allows none at all would block the draining of nodes.
    add('DisruptionBudget', 'policy/v1', 'PodDisruptionBudget', model.name, { spec: { maxUnavailable: 1, selector: { matchLabels: selector } } });
  }
}
