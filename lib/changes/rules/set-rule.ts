import { SetFacts, setResourceId } from '../facts/set-facts';
import { Finding, FindingLevel } from '../finding';

/** Compares a StatefulSet before and after a change. */
export type SetRule = (before: SetFacts, after: SetFacts) => Finding[];

/** What a rule reports; the set and the level are added. */
export type SetFinding = Omit<Finding, 'resource' | 'level'>;

/** A change that must not be applied. */
export function refused(set: SetFacts, finding: SetFinding): Finding {
  return { level: FindingLevel.ERROR, resource: setResourceId(set), ...finding };
}

/** A change that needs an action or a decision first. */
export function warned(set: SetFacts, finding: SetFinding): Finding {
  return { level: FindingLevel.WARNING, resource: setResourceId(set), ...finding };
}

/** A change that is safe; says what it does. */
export function noted(set: SetFacts, finding: SetFinding): Finding {
  return { level: FindingLevel.NOTE, resource: setResourceId(set), ...finding };
}
