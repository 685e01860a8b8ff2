import { check } from '../poll';
import { Row } from './row';

export const sync: Row = {
  number: 4,
  title: 'sync',
  async run(context) {
    const before = await context.allEqual(3);
    await context.database.change();
    const after = await context.allEqual(3);
    check(after !== before, 'the changes through the primary changed nothing');
    await context.whileWriting((writer) => writer.goesOn(30));
    await context.allEqual(3);
    return undefined;
  },
};
