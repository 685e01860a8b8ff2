import { survivesItsDeath } from './faults';
import { Row } from './row';

export const primaryDies: Row = {
  number: 9,
  name: 'primary-dies',
  title: 'primary dies',
  alone: true,
  run: (context) => survivesItsDeath(context, 0),
};
