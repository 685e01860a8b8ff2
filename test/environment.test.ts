import { App, Chart, Testing } from 'cdk8s';
import { Deployment, PodConnectionsIsolation } from 'cdk8s-plus-28';
import { Environment, ReplicatedStatefulSet, StatefulApp } from '../lib';
import { refusalOf } from './refusal';
import { stubProps } from './stub-engine';

test('everything in it belongs to it, whatever lies between', () => {
  const app = new App();
  const prod = new Environment(app, 'prod');
  const set = new ReplicatedStatefulSet(new Chart(prod, 'orders'), 'orders', stubProps);
  expect([
    prod.name,
    Environment.of(prod),
    Environment.of(set),
    Environment.of(app),
    Environment.of(new Chart(app, 'tools')),
  ]).toEqual(['prod', 'prod', 'prod', undefined, undefined]);
});

test('an app can be one', () => {
  const app = new StatefulApp({ environment: 'prod' });
  expect([app.environment, Environment.of(new Chart(app, 'orders'))]).toEqual(['prod', 'prod']);
  expect([new StatefulApp().environment, Environment.of(new Chart(new StatefulApp(), 'orders'))]).toEqual([
    undefined,
    undefined,
  ]);
});

test.each([
  ['Prod', "'Prod'"],
  ['', "''"],
  ['eu/prod', "'eu/prod'"],
  ['-', "'-'"],
  [3 as unknown as string, '3'],
])("'%s' is no name", (name, shown) => {
  expect(refusalOf(() => new StatefulApp({ environment: name }))).toBe(
    `environment must be a DNS label (a-z, 0-9, '-', at most 63 characters), got ${shown}`,
  );
});

test('the id is the name', () => {
  expect(refusalOf(() => new Environment(new App(), 'Prod'))).toBe(
    "id must be a DNS label (a-z, 0-9, '-', at most 63 characters), got 'Prod'",
  );
});

test.each([
  ['another environment', () => new Environment(new App(), 'prod')],
  ['an app that is one', () => new StatefulApp({ environment: 'prod' })],
])('none is inside %s', (_, make) => {
  expect(refusalOf(() => new Environment(make(), 'dev'))).toBe(
    "environment 'dev' must not be inside another one, got a scope of environment 'prod': use new Environment(app, 'dev'), with an app that has no 'environment'",
  );
});

test('systems of one name are the same in two environments, to the byte', () => {
  const app = new App();
  const [dev, prod] = ['dev', 'prod'].map((name) => {
    const chart = new Chart(new Environment(app, name), 'orders', { namespace: 'shop' });
    new ReplicatedStatefulSet(chart, 'orders', stubProps);
    return chart;
  });
  const plain = new Chart(new App(), 'orders', { namespace: 'shop' });
  new ReplicatedStatefulSet(plain, 'orders', stubProps);
  expect(Testing.synth(dev)).toEqual(Testing.synth(plain));
  expect(Testing.synth(prod)).toEqual(Testing.synth(plain));
});

test('within one, names are taken', () => {
  const app = new App();
  const environment = new Environment(app, 'dev');
  new ReplicatedStatefulSet(new Chart(environment, 'one'), 'orders', stubProps);
  expect(refusalOf(() => new ReplicatedStatefulSet(new Chart(environment, 'two'), 'orders', stubProps))).toBe(
    "name 'orders' collides with 'orders' in namespace '(default)' of environment 'dev': both would have objects named 'orders'; give one of them another 'name'",
  );
  expect(refusalOf(() => new ReplicatedStatefulSet(new Chart(app, 'three'), 'orders', stubProps))).toBe(
    '(nothing was refused)',
  );
});

test("a policy of one environment closes no other's pods", () => {
  const app = new App();
  const [dev, prod] = ['dev', 'prod'].map((name) => {
    const chart = new Chart(new Environment(app, name), 'orders');
    const set = new ReplicatedStatefulSet(chart, 'orders', stubProps);
    const api = new Deployment(chart, 'api', { containers: [{ image: 'api:1' }] });
    if (name === 'prod') set.connections.allowFrom(api, { isolation: PodConnectionsIsolation.POD });
    return chart;
  });
  const policies = (chart: Chart): string[] =>
    (Testing.synth(chart) as { kind: string; metadata: { name: string } }[])
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .map(({ metadata }) => metadata.name)
      .filter((name) => name === 'orders-peers');
  expect([policies(dev), policies(prod)]).toEqual([[], ['orders-peers']]);
});
