import { Finding } from '../finding';
import { missingSets } from './missing-sets';
import { SET_RULES } from './set-rules';
import { SetFacts } from '../facts/set-facts';

/** StatefulSets by id, as they are in one state of a repository or of the lock. */
export type Sets = ReadonlyMap<string, SetFacts>;

/** What becomes of every StatefulSet that was there. */
export function changesOf(before: Sets, after: Sets): Finding[] {
  const missing = [...before].filter(([id]) => !after.has(id)).map(([, set]) => set);
  const added = [...after].filter(([id]) => !before.has(id)).map(([, set]) => set);
  const kept = [...before].flatMap(([id, set]): [SetFacts, SetFacts][] => {
    const now = after.get(id);
    return now === undefined ? [] : [[set, now]];
  });
  return [...missingSets(missing, added), ...kept.flatMap(([set, now]) => withoutEcho(SET_RULES.flatMap((rule) => rule(set, now))))];
}

/** That pods restart is said once. */
function withoutEcho(findings: Finding[]): Finding[] {
  const isSaid = findings.some(({ rule }) => rule === 'version-raised');
  return isSaid ? findings.filter(({ rule }) => rule !== 'rolling-restart') : findings;
}
