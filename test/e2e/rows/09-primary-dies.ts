import { survivesItsDeath } from './faults';
import { Row } from './row';

export const primaryDies: Row = {
  number: 9,
  title: 'primary dies',
  run: (context) => survivesItsDeath(context, 0),
};
