import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Testing } from 'cdk8s';
import 'cdk8s-stateful/testing/jest';
import { Orders } from './orders';

const chart = new Orders(new App(), 'orders');

// The scripts that run in the pods come with the library: the serializer prints how many lines each has, and their name
// changes when they do.
test('the set is what a reviewer saw', () => {
  expect(Testing.synth(chart)).toMatchSnapshot();
});

test('the data of what is applied is kept', () => {
  expect(chart).toKeepDataOf(readFileSync(join(__dirname, 'applied', 'orders.yaml'), 'utf8'));
});

test('the namespace admits the pods', () => {
  expect(chart).toPassRestrictedPodSecurity();
});
