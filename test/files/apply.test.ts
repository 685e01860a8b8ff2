import fc from 'fast-check';
import { join } from 'node:path';
import { AWKS, FilesPod } from './pod';
import { change, quoted, treeOf } from './tree';

// A replica makes its tree that of the primary: `scan` at the primary says what there is, `apply` at the replica makes it so.

jest.setTimeout(180_000);

let pod: FilesPod;
afterEach(() => pod.dispose());

/** The primary is the folder of the pod that answers as ordinal 0; here are its files. */
const PRIMARY = `
  primary=$STUB/pods/orders-0
  mkdir -p "$primary/files" "$state/primary"
  at_primary() (files=$primary/files work=$state/primary; "$@")
  # look: what the primary has, in $state/primary/own; twice, as what is missed for the first time is kept (linger.awk)
  look() { at_primary scan_once; at_primary scan_once; }
  scan_once() { touch "$work/own"; scan; mv "$work/scan" "$work/own"; }
  change() { (cd "$primary/files"; eval "$1") 2>/dev/null || true; }
  come() { apply "$state/primary/own" "$(host_of 0)" follow; }
  as_told() { sort "$state/primary/own" >"$state/sorted"; sort "$work/own" | cmp - "$state/sorted"; }
  touch "$work/own"
`;
const primaryTree = (): string[] => treeOf(join(pod.folder, 'stub', 'pods', 'orders-0', 'files'));
const replicaTree = (): string[] => treeOf(join(pod.folder, 'volume', 'files'));

describe.each(AWKS)('with %s', (awk) => {
  test('after any changes the replica has what the primary has', async () => {
    const steps = fc.array(fc.array(change, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });
    pod = new FilesPod(1, awk);
    await fc.assert(fc.asyncProperty(steps, async (given) => {
      await pod.dispose();
      pod = new FilesPod(1, awk);
      pod.served(0);
      const texts = given.map((changes) => [...changes.map((each) => `change ${quoted(each)}`), 'look', 'come', 'as_told'].join('\n'));
      await pod.does(`${PRIMARY}\n${texts.join('\n')}`);
      expect(replicaTree()).toEqual(primaryTree());
    }), { numRuns: 60 });
  });
});

