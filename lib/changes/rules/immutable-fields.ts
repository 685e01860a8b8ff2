import { canonicalJson, isEqual } from '../../values/json';
import { refused, SetRule } from './set-rule';

const IMMUTABLE = 'Kubernetes does not allow this field of an existing StatefulSet to change';

/**
 * Fields of a StatefulSet that the API server does not allow to change. Its claim templates have a rule of their own.
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
 */
export const immutableFields: SetRule = (before, after) => {
  const findings = [];
  if (!isEqual(before.selector, after.selector)) {
    findings.push(
      refused(before, {
        rule: 'selector-changed',
        field: 'spec.selector',
        before: canonicalJson(before.selector),
        after: canonicalJson(after.selector),
        reason: `${IMMUTABLE}; and the running pods would be orphaned`,
        remedy: 'restore the previous selector; labels can be added to the pods without it',
      }),
    );
  }
  if (before.serviceName !== after.serviceName) {
    findings.push(
      refused(before, {
        rule: 'service-name-changed',
        field: 'spec.serviceName',
        before: before.serviceName,
        after: after.serviceName,
        reason: `${IMMUTABLE}; and it is part of every pod's DNS name`,
        remedy: `restore '${before.serviceName}'; another Service can select the same pods`,
      }),
    );
  }
  if (before.podManagementPolicy !== after.podManagementPolicy) {
    findings.push(
      refused(before, {
        rule: 'pod-management-policy-changed',
        field: 'spec.podManagementPolicy',
        before: before.podManagementPolicy,
        after: after.podManagementPolicy,
        reason: IMMUTABLE,
        remedy: `restore ${before.podManagementPolicy}; or run 'kubectl delete statefulset ${before.name} --cascade=orphan', which keeps pods and volumes, and apply the new one immediately`,
      }),
    );
  }
  if (before.firstOrdinal !== after.firstOrdinal) {
    findings.push(
      refused(before, {
        rule: 'ordinals-changed',
        field: 'spec.ordinals.start',
        before: String(before.firstOrdinal),
        after: String(after.firstOrdinal),
        reason:
          'the pods are renumbered: those with new ordinals start with empty volumes, and those that held the data are deleted',
        remedy: `restore ${before.firstOrdinal}`,
      }),
    );
  }
  return findings;
};
