import { SetFacts, setResourceId } from '../facts/set-facts';
import { Finding, FindingLevel } from '../finding';

/** Compares what a StatefulSet was with what it becomes. */
export type SetRule = (before: SetFacts, after: SetFacts) => Finding[];

/** What a rule says about a set; which set it is is filled in. */
export type SetFinding = Omit<Finding, 'resource' | 'level'>;

/** Says that a change must not be applied. */
export function refused(set: SetFacts, finding: SetFinding): Finding {
  return { level: FindingLevel.ERROR, resource: setResourceId(set), ...finding };
}

/** Says that somebody must do or know something. */
export function warned(set: SetFacts, finding: SetFinding): Finding {
  return { level: FindingLevel.WARNING, resource: setResourceId(set), ...finding };
}

/** Says what happens. */
export function noted(set: SetFacts, finding: SetFinding): Finding {
  return { level: FindingLevel.NOTE, resource: setResourceId(set), ...finding };
}
