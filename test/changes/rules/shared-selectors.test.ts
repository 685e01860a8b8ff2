import { Manifests } from '../../../lib/changes/facts/manifests';
import { sharedSelectors } from '../../../lib/changes/rules/shared-selectors';

const set = (name: string, labels: object, namespace?: string, more: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name, namespace },
  spec: { selector: { matchLabels: labels, ...more }, template: { metadata: { labels } } },
});
const said = (before: object[], after: object[]): string[] =>
  sharedSelectors(Manifests.of(before), Manifests.of(after)).map(
    ({ resource, after: selector }) => `${resource} ${selector}`,
  );

const blue = set('blue-orders', { app: 'orders' });

test.each<[string, object, string[]]>([
  [
    'of the same base in one namespace',
    set('green-orders', { app: 'orders' }),
    ['StatefulSet/default/green-orders app=orders'],
  ],
  [
    'of the namespace that is the default one',
    set('green-orders', { app: 'orders' }, 'default'),
    ['StatefulSet/default/green-orders app=orders'],
  ],
  ['of another namespace', set('green-orders', { app: 'orders' }, 'green'), []],
  ['with a label of its own', set('green-orders', { app: 'green-orders' }), []],
  ['with a label more, which the other has not', set('green-orders', { app: 'orders', colour: 'green' }), []],
  [
    'with an expression more',
    set('green-orders', { app: 'orders' }, undefined, {
      matchExpressions: [{ key: 'colour', operator: 'In', values: ['green'] }],
    }),
    [],
  ],
  ['without labels', set('green-orders', {}), []],
])('a new set %s', (_, green, findings) => {
  expect(said([blue], [blue, green])).toEqual(findings);
});

test('what was so before is not said again', () => {
  const both = [blue, set('green-orders', { app: 'orders' })];
  expect(said(both, [...both].reverse())).toEqual([]);
});
