import fc from 'fast-check';
import { checkSetName, namesOf } from '../../../lib/core/private/names';

// What Kubernetes demands of the name of a Service, which is the strictest: RFC 1035, at most 63 characters.
const SERVICE_NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const CONFIG_MAP_NAME = /^[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?$/;

test.each(['a', 'a0', 'orders', 'a--b', 'a'.repeat(52)])('%s is a name', (name) => {
  expect(() => checkSetName(name)).not.toThrow();
});

test('whatever name is taken, all that is named by it is valid, and all names differ', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 60 }), fc.stringMatching(/^[a-z][-a-z0-9]{0,59}$/)), (name) => {
      try {
        checkSetName(name);
      } catch (e) {
        expect((e as Error).message).toMatch(/^name must (be a DNS label|have at most 52)/);
        return;
      }
      const made = { files: {}, digest: '0123456789abcdef' };
      const { scripts, backupScripts, ...others } = namesOf(name, { ...made, ofBackups: made });
      expect(scripts).toMatch(CONFIG_MAP_NAME);
      expect(backupScripts).toMatch(CONFIG_MAP_NAME);
      expect(Object.values(others).filter((each) => !SERVICE_NAME.test(each))).toEqual([]);
      const names = [scripts, backupScripts, ...Object.values(others)];
      expect(new Set(names).size).toBe(names.length);
      // The controller labels pods with the set's name and eleven characters more (kubernetes#64023).
      expect(`${name}-${'0'.repeat(10)}`).toMatch(SERVICE_NAME);
    }),
    { numRuns: 500 },
  );
});
