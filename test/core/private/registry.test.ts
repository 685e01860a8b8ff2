import { App, Chart } from 'cdk8s';
import { claimNames } from '../../../lib/core/private/registry';

test('a name can be had once in a namespace of an app, whatever the chart', () => {
  const app = new App();
  claimNames(new Chart(app, 'one'), undefined, 'a', ['a', 'a-read']);
  claimNames(new Chart(app, 'two'), 'shop', 'a', ['a', 'a-read']);
  const chart = new Chart(app, 'three');
  expect(() => claimNames(chart, undefined, 'b', ['b', 'a-read'])).toThrow(
    "name 'b' collides with 'a' in namespace '(default)': both would have objects named 'a-read'",
  );
  expect(() => claimNames(chart, 'shop', 'a', ['a'])).toThrow("name 'a' collides with 'a' in namespace 'shop'");
});

test('apps do not know of one another', () => {
  claimNames(new App(), undefined, 'a', ['a']);
  expect(() => claimNames(new App(), undefined, 'a', ['a'])).not.toThrow();
});

test('a system that was refused has taken no name', () => {
  const app = new App();
  claimNames(app, undefined, 'a', ['a']);
  expect(() => claimNames(app, undefined, 'b', ['b', 'a'])).toThrow("name 'b' collides with 'a'");
  expect(() => claimNames(app, undefined, 'c', ['c', 'a'])).toThrow("name 'c' collides with 'a'");
  expect(() => claimNames(app, undefined, 'b', ['b'])).not.toThrow();
});
