import { App, ApiObject, Chart, Yaml } from 'cdk8s';
import { Environment } from '../../../lib';
import '../../../lib/changes/testing/jest';
import { toKeepDataOf, toPassRestrictedPodSecurity } from '../../../lib/changes/testing/matchers';
import { refusalOf } from '../../refusal';
import { claim, Fields, object, statefulSet } from '../sets';

const sized = (storage: string): Fields => statefulSet({ claims: [claim({ resources: { requests: { storage } } })] });
const previous = Yaml.stringify(sized('10Gi'));
const securityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};
const restricted = statefulSet({ container: { securityContext } });

/** The same manifest as whatever may be expected of. */
function forms(manifest: Fields): [form: string, actual: unknown][] {
  const app = new App();
  const chart = new Chart(app, 'chart');
  new ApiObject(chart, 'object', manifest as unknown as ConstructorParameters<typeof ApiObject>[2]);
  return [
    ['a chart', chart],
    ['an app', app],
    ['manifests', [manifest]],
    ['YAML', Yaml.stringify(manifest)],
    ['a list', Yaml.stringify(object('v1', 'List', 'x', { items: [manifest] }))],
  ];
}

test.each(forms(sized('20Gi')))('data is kept by a larger volume: %s', (_, actual) => {
  expect(actual).toKeepDataOf(previous);
  expect(() => expect(actual).not.toKeepDataOf(previous)).toThrow('expected the change to lose data, but it does not');
});

test.each(forms(sized('5Gi')))('data is not kept by a smaller volume: %s', (_, actual) => {
  expect(actual).not.toKeepDataOf(previous);
  expect(() => expect(actual).toKeepDataOf(previous)).toThrow(
    /^expected the change to keep the data:\nerror StatefulSet\/default\/orders volume-shrunk: /,
  );
});

test('data is not kept by nothing at all', () => {
  expect([]).not.toKeepDataOf(previous);
  expect(new Chart(new App(), 'chart')).not.toKeepDataOf(previous);
});

test.each([
  ['no text', '', "got ''"],
  ['the path of a file', 'applied/orders.yaml', "got 'applied/orders.yaml'"],
  ['a buffer', Buffer.from(previous) as unknown as string, 'got object'],
  ['nothing', undefined as unknown as string, 'got undefined'],
])('%s in place of the previous YAML is refused, as everything would pass', (_, wrong, message) => {
  expect(refusalOf(() => toKeepDataOf([], wrong))).toContain(message);
});

test('an app of several environments is refused, as the names of one hide those of another', () => {
  const app = new App();
  for (const name of ['dev', 'prod']) new Chart(new Environment(app, name), 'orders');
  expect(refusalOf(() => toKeepDataOf(app, previous))).toBe(
    "expected a Chart of one environment, got an App with the environments 'dev', 'prod'",
  );
  expect(app).toPassRestrictedPodSecurity();
});

test.each(forms(restricted))('pods that the restricted standard admits: %s', (_, actual) => {
  expect(actual).toPassRestrictedPodSecurity();
  expect(() => expect(actual).not.toPassRestrictedPodSecurity()).toThrow(
    'expected violations of the restricted standard, but there are none',
  );
});

test.each(forms(statefulSet()))('pods that it does not: %s', (_, actual) => {
  expect(actual).not.toPassRestrictedPodSecurity();
  expect(() => expect(actual).toPassRestrictedPodSecurity()).toThrow(
    /^expected no violations of the restricted standard:\nStatefulSet orders: .*(\nStatefulSet orders: .*)+$/,
  );
});

test('a pod without a name counts, and each of two objects of one name', () => {
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {generateName: job-}\nspec: {hostNetwork: true}\n';
  expect(toPassRestrictedPodSecurity(pod).message()).toContain('Pod job-: pod: hostNetwork');
  expect(Yaml.stringify(statefulSet(), restricted)).not.toPassRestrictedPodSecurity();
});

test.each([
  [undefined, 'undefined'],
  [1, 'number'],
  [{}, 'object'],
])('%p is none of these', (actual, type) => {
  expect(refusalOf(() => toPassRestrictedPodSecurity(actual))).toBe(
    `expected a Chart, an App, manifests or YAML, got ${type}`,
  );
});
