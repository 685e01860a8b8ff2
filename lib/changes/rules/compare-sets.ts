import { SetFacts, Sets } from '../facts/set-facts';
import { Finding } from '../finding';
import { backups, restoring } from './backups';
import { claimTemplates } from './claim-templates';
import { appendOnly, dataDirectory, layout, owner } from './data-directory';
import { collation, version } from './database-version';
import { immutableFields } from './immutable-fields';
import { missingSets } from './missing-sets';
import { credentials, gracePeriod, initScripts, restart } from './pod-template';
import { names, ports } from './ports-and-names';
import { retention, scaling } from './scaling';
import { SetRule } from './set-rule';

/** Every rule about one StatefulSet, worst first. */
const RULES: readonly SetRule[] = [
  immutableFields,
  claimTemplates,
  version,
  collation,
  dataDirectory,
  appendOnly,
  layout,
  ports,
  names,
  scaling,
  retention,
  backups,
  owner,
  credentials,
  gracePeriod,
  initScripts,
  restoring,
  restart,
];

/** What a change does to every StatefulSet that existed before it. */
export function compareSets(before: Sets, after: Sets): Finding[] {
  const missing = [...before].filter(([id]) => !after.has(id)).map(([, set]) => set);
  const added = [...after].filter(([id]) => !before.has(id)).map(([, set]) => set);
  const kept = [...before].flatMap(([id, set]): [SetFacts, SetFacts][] => {
    const now = after.get(id);
    return now === undefined ? [] : [[set, now]];
  });
  return [
    ...missingSets(missing, added),
    ...kept.flatMap(([set, now]) => withoutRepetition(RULES.flatMap((rule) => rule(set, now)))),
  ];
}

/** A raised version says already that pods restart. */
function withoutRepetition(findings: Finding[]): Finding[] {
  const isSaid = findings.some(({ rule }) => rule === 'version-raised');
  return isSaid ? findings.filter(({ rule }) => rule !== 'rolling-restart') : findings;
}
