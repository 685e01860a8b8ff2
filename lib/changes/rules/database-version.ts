import { parseImage } from '../../values/images';
import { compareVersions, isSameSeries } from '../../values/versions';
import { isOwn, SetFacts } from '../facts/set-facts';
import { Finding } from '../finding';
import { rolloutText } from './pod-template';
import { noted, refused, SetRule, warned } from './set-rule';

/** Databases whose newer versions are documented to start on the data of the previous one. */
const OPENS_FORMER = ['redis', 'valkey', 'keydb', 'rabbitmq', 'kafka', 'zookeeper', 'nats', 'prometheus'];

/** The database and its version. */
export const version: SetRule = (before, after) => {
  if (before.engine === undefined || after.engine === undefined || before.storage === 'none') return [];
  const [was, is] = detectEngines(before, after);
  if (was !== is) {
    return [
      refused(before, {
        rule: 'engine-changed',
        field: 'image',
        before: describeVersion({ ...before, engine: was }),
        after: describeVersion({ ...after, engine: is }),
        reason: `${is} cannot open the data of ${was} on these volumes, or converts it irreversibly`,
        remedy:
          'restore the image; or create a new StatefulSet of the other database alongside, migrate the data by dump or replication, then retire this one',
      }),
    ];
  }
  if (before.version === undefined || after.version === undefined) return [];
  const order = compareVersions(before.version, after.version);
  if (!isSameSeries(before.engine, before.version, after.version)) {
    const isSupported = order < 0 && OPENS_FORMER.includes(before.engine) && !isOwn(before);
    return [
      (isSupported ? warned : refused)(before, {
        rule: 'major-version-changed',
        field: 'image',
        before: describeVersion(before),
        after: describeVersion(after),
        reason:
          order > 0
            ? `${describeVersion(after)} cannot open data written by ${describeVersion(before)}`
            : isSupported
              ? `${describeVersion(after)} opens the data of ${describeVersion(before)} and converts it irreversibly`
              : `${describeVersion(after)} cannot open the data of ${describeVersion(before)}, or converts it irreversibly`,
        remedy: isSupported
          ? `read the release notes of ${describeVersion(after)}; take a backup first`
          : describeUpgrade(before, after, order > 0),
      }),
    ];
  }
  if (order > 0) {
    return [
      warned(before, {
        rule: 'version-lowered',
        field: 'image',
        before: describeVersion(before),
        after: describeVersion(after),
        reason: 'not every database opens data written by a newer release',
        remedy: `check the downgrade notes of ${before.engine}; keep a backup`,
      }),
    ];
  }
  if (order === 0) return [];
  return [
    noted(before, {
      rule: 'version-raised',
      field: 'image',
      before: describeVersion(before),
      after: describeVersion(after),
      ...rolloutText(after),
    }),
  ];
};

/** The sort order of text that indexes were built with. */
export const collation: SetRule = (before, after) => {
  if (before.isAlpine === undefined || after.isAlpine === undefined) return [];
  if (before.engine !== 'postgres' || after.engine !== 'postgres' || before.storage === 'none') return [];
  if (before.isAlpine === after.isAlpine) return releases(before, after);
  const name = (isAlpine: boolean): string => (isAlpine ? 'Alpine (musl)' : 'Debian, or another image with glibc');
  return [
    warned(before, {
      rule: 'collation-changed',
      field: 'image',
      before: name(before.isAlpine),
      after: name(after.isAlpine),
      reason: 'their C libraries sort text differently: existing indexes on text may miss rows and admit duplicates',
      remedy: 'keep the previous kind of image; or REINDEX every database right after the change',
    }),
  ];
};

const REINDEX = 'REINDEX and ALTER DATABASE ... REFRESH COLLATION VERSION in every database';

/** Another release of the distribution has another C library. */
function releases(before: SetFacts, after: SetFacts): Finding[] {
  const [old, now] = [before.release, after.release];
  // A major upgrade rebuilds the data, and its indexes with it.
  const isSame =
    before.version === undefined ||
    after.version === undefined ||
    isSameSeries('postgres', before.version, after.version);
  if (old === now || before.isAlpine === true || !isSame) return [];
  const isKnown = old !== undefined && now !== undefined;
  return [
    (isKnown ? warned : noted)(before, {
      rule: isKnown ? 'collation-changed' : 'collation-unknown',
      field: 'image',
      before: old ?? '(the tag names no release)',
      after: now ?? '(the tag names no release)',
      reason: `${isKnown ? 'their C libraries may sort' : 'the C library of another release may sort'} text differently: existing indexes on text may miss rows and admit duplicates, unless the locale provider is builtin or ICU`,
      remedy: isKnown
        ? `keep ${old}; or run ${REINDEX} right after the change`
        : `check which release the pods run (kubectl exec ${before.name}-0 -- cat /etc/os-release): if it differs, run ${REINDEX} right after the change`,
    }),
  ];
}

/** Also by the image names, as a JSON patch changes an image but no label. */
function detectEngines(before: SetFacts, after: SetFacts): [string | undefined, string | undefined] {
  const [old, now] = [before, after].map(({ image }) => parseImage(image ?? '').engine);
  return before.engine === after.engine && old !== undefined && now !== undefined && old !== now
    ? [old, now]
    : [before.engine, after.engine];
}

function describeUpgrade(before: SetFacts, after: SetFacts, lowered: boolean): string {
  if (lowered)
    return `restore ${describeVersion(before)}; if the older version is needed, restore a backup into a new StatefulSet`;
  if (isOwn(before) && before.engine === 'postgres') {
    return `restore ${describeVersion(before)}; create a new set of version ${after.version} alongside that imports the data ('importFrom'), then retire this one; see 'Major version' in the README`;
  }
  return `restore ${describeVersion(before)}; follow the upgrade guide of ${before.engine}, on a copy of the volumes or into a new StatefulSet`;
}

function describeVersion(facts: SetFacts): string {
  return [facts.engine, ...(facts.version === undefined ? [] : [facts.version])].join(' ');
}
