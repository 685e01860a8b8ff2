import { claimTemplates } from './claim-templates';
import { appendOnly, dataDirectory, layout, owner } from './data-directory';
import { immutableFields } from './immutable-fields';
import { credentials, gracePeriod, initScripts, restart } from './pods';
import { SetRule } from './rule';
import { retention, scaling } from './scaling';
import { names, ports } from './settings';
import { collation, version } from './version';

/** Every rule about one StatefulSet, worst first. */
export const SET_RULES: readonly SetRule[] = [
  immutableFields, claimTemplates, version, collation, dataDirectory, appendOnly, layout, ports, names, scaling, retention, owner, credentials, gracePeriod, initScripts, restart,
];
