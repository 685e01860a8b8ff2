import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Testing } from 'cdk8s';
import 'cdk8s-stateful/testing/jest';
import { Orders } from './orders';

const chart = new Orders(new App(), 'orders');

// The scripts that run in the pods change with the library's version; here a reviewer sees what this repository says.
test('the set is what a reviewer saw', () => {
  const manifests = Testing.synth(chart) as { kind: string }[];
  expect(manifests.filter(({ kind }) => ['StatefulSet', 'Service', 'PodDisruptionBudget'].includes(kind))).toMatchSnapshot();
});

test('the data of what is applied is kept', () => {
  expect(chart).toKeepDataOf(readFileSync(join(__dirname, 'applied', 'orders.yaml'), 'utf8'));
});

test('the namespace admits the pods', () => {
  expect(chart).toPassRestrictedPodSecurity();
});
