import { survivesItsDeath } from './faults';
import { Row } from './row';

export const replicaDies: Row = {
  number: 8,
  title: 'replica dies',
  // The one in the middle: the last copied from it, and it from the primary.
  run: (context) => survivesItsDeath(context, 1),
};
