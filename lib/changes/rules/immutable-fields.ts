import { canonicalJson, isEqual } from '../../values/json';
import { refused, SetRule } from './set-rule';

const REFUSED = 'Kubernetes refuses to change it in a StatefulSet that exists';

/**
 * Fields of a StatefulSet that the API server does not let change; its claim templates are a rule of their own.
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
 */
export const immutableFields: SetRule = (before, after) => {
  const findings = [];
  if (!isEqual(before.selector, after.selector)) {
    findings.push(refused(before, {
      rule: 'selector-changed',
      field: 'spec.selector',
      before: canonicalJson(before.selector),
      after: canonicalJson(after.selector),
      reason: `${REFUSED}; and the pods that run would belong to nobody`,
      remedy: 'restore the former selector; labels may be added to the pods without it',
    }));
  }
  if (before.serviceName !== after.serviceName) {
    findings.push(refused(before, {
      rule: 'service-name-changed',
      field: 'spec.serviceName',
      before: before.serviceName,
      after: after.serviceName,
      reason: `${REFUSED}; and every pod's DNS name has it in it`,
      remedy: `restore '${before.serviceName}'; a Service of another name may select the same pods beside it`,
    }));
  }
  if (before.podManagementPolicy !== after.podManagementPolicy) {
    findings.push(refused(before, {
      rule: 'pod-management-policy-changed',
      field: 'spec.podManagementPolicy',
      before: before.podManagementPolicy,
      after: after.podManagementPolicy,
      reason: REFUSED,
      remedy: `restore ${before.podManagementPolicy}; or 'kubectl delete statefulset ${before.name} --cascade=orphan', which keeps pods and volumes, and apply the new one at once`,
    }));
  }
  if (before.firstOrdinal !== after.firstOrdinal) {
    findings.push(refused(before, {
      rule: 'ordinals-changed',
      field: 'spec.ordinals.start',
      before: String(before.firstOrdinal),
      after: String(after.firstOrdinal),
      reason: 'the pods are numbered anew: those of other numbers start with blank volumes, and those that had the data are deleted',
      remedy: `restore ${before.firstOrdinal}`,
    }));
  }
  return findings;
};
