import { DRIVERS } from '../drivers';
import { Check } from './check';
import { drift } from './drift';
import { health } from './health';
import { kustomize } from './kustomize';

/** @param full with every engine, and not only with the one that is quickest */
export function checksFor(full: boolean): Check[] {
  return [drift, health, ...DRIVERS.filter(({ name }) => full || name.startsWith('redis')).map(kustomize)];
}
