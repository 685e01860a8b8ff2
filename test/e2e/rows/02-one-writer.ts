import { User } from '../driver';
import { check } from '../poll';
import { Row } from './row';

const USERS: User[] = ['superuser', 'app'];

export const oneWriter: Row = {
  number: 2,
  name: 'one-writer',
  title: 'one writer',
  async run({ database, log }) {
    for (const user of USERS) {
      for (const ordinal of [1, 2]) {
        const error = await database.write(ordinal, user);
        check(error !== undefined, `replica ${ordinal} accepted a write of the ${user}`);
        check(
          database.isReadOnlyError(error),
          `replica ${ordinal} refused a write of the ${user} with another error: ${error}`,
        );
        log(`replica ${ordinal}, ${user}: ${error.split('\n')[0]}`);
      }
      for (const target of [0, 'primary'] as const) {
        const error = await database.write(target, user);
        check(error === undefined, `the primary (${target}) refused a write of the ${user}: ${error}`);
      }
    }
    return undefined;
  },
};
