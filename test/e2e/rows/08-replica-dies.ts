import { survivesItsDeath } from './faults';
import { Row } from './row';

export const replicaDies: Row = {
  number: 8,
  name: 'replica-dies',
  title: 'replica dies',
  alone: true,
  // The one in the middle: the last copied from it, and it from the primary.
  run: (context) => survivesItsDeath(context, 1),
};
