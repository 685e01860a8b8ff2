import { StatefulApp } from 'cdk8s-stateful';
import { Orders } from './orders';

// StatefulApp keeps stateful.lock.json: a change that would lose data fails here, before it is committed.
const app = new StatefulApp();
new Orders(app, 'orders');
app.synth();
