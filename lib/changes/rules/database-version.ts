import { parseImage } from '../../values/images';
import { compareVersions, isSameSeries } from '../../values/versions';
import { isOwn, SetFacts } from '../facts/set-facts';
import { Finding } from '../finding';
import { rolloutText } from './pod-template';
import { noted, refused, SetRule, warned } from './set-rule';

/** Those whose makers let a newer version start on the data of the former one. */
const OPENS_FORMER = ['redis', 'valkey', 'keydb', 'rabbitmq', 'kafka', 'zookeeper', 'nats', 'prometheus'];

/** The database that opens the data. */
export const version: SetRule = (before, after) => {
  if (before.engine === undefined || after.engine === undefined || before.storage === 'none') return [];
  const [was, is] = detectEngines(before, after);
  if (was !== is) {
    return [refused(before, {
      rule: 'engine-changed',
      field: 'image',
      before: describeVersion({ ...before, engine: was }),
      after: describeVersion({ ...after, engine: is }),
      reason: `${is} does not open the data of ${was} as it is on these volumes, or changes it so that there is no way back`,
      remedy: 'restore the image; make a second set of the other database, bring the data over by a dump or by replication, and retire this one',
    })];
  }
  if (before.version === undefined || after.version === undefined) return [];
  const order = compareVersions(before.version, after.version);
  if (!isSameSeries(before.engine, before.version, after.version)) {
    const isForeseen = order < 0 && OPENS_FORMER.includes(before.engine) && !isOwn(before);
    return [(isForeseen ? warned : refused)(before, {
      rule: 'major-version-changed',
      field: 'image',
      before: describeVersion(before),
      after: describeVersion(after),
      reason: order > 0
        ? `data that ${describeVersion(before)} has written cannot be opened by ${describeVersion(after)}`
        : isForeseen
          ? `${describeVersion(after)} opens the data of ${describeVersion(before)}, and changes it so that there is no way back`
          : `${describeVersion(after)} does not open the data of ${describeVersion(before)}, or changes it so that there is no way back`,
      remedy: isForeseen ? `read what changed in ${describeVersion(after)}; make a backup first` : describeUpgrade(before, after, order > 0),
    })];
  }
  if (order > 0) {
    return [warned(before, {
      rule: 'version-lowered',
      field: 'image',
      before: describeVersion(before),
      after: describeVersion(after),
      reason: 'not every database opens data that a newer release of itself has written',
      remedy: `see what ${before.engine} says of it; keep a backup`,
    })];
  }
  if (order === 0) return [];
  return [noted(before, {
    rule: 'version-raised',
    field: 'image',
    before: describeVersion(before),
    after: describeVersion(after),
    ...rolloutText(after),
  })];
};

/** The order that text was sorted in when the indexes were made. */
export const collation: SetRule = (before, after) => {
  if (before.isAlpine === undefined || after.isAlpine === undefined) return [];
  if (before.engine !== 'postgres' || after.engine !== 'postgres' || before.storage === 'none') return [];
  if (before.isAlpine === after.isAlpine) return releases(before, after);
  const name = (isAlpine: boolean): string => (isAlpine ? 'Alpine (musl)' : 'Debian or another with glibc');
  return [warned(before, {
    rule: 'collation-changed',
    field: 'image',
    before: name(before.isAlpine),
    after: name(after.isAlpine),
    reason: 'their C libraries sort text in another order: indexes on text that were made before may miss rows and let duplicates in',
    remedy: 'stay with the former kind of image; or REINDEX every database right after the change',
  })];
};

const REINDEX = 'REINDEX and ALTER DATABASE ... REFRESH COLLATION VERSION in every database';

/** A later release of Debian has a later glibc. */
function releases(before: SetFacts, after: SetFacts): Finding[] {
  const [old, now] = [before.release, after.release];
  // Data of another major version is made anew, and its indexes with it.
  const isSame = before.version === undefined || after.version === undefined || isSameSeries('postgres', before.version, after.version);
  if (old === now || before.isAlpine === true || !isSame) return [];
  const isKnown = old !== undefined && now !== undefined;
  return [(isKnown ? warned : noted)(before, {
    rule: isKnown ? 'collation-changed' : 'collation-unknown',
    field: 'image',
    before: old ?? '(a tag that names no release)',
    after: now ?? '(a tag that names no release)',
    reason: `${isKnown ? 'their C libraries sort' : 'the C library of another release sorts'} text in another order: indexes on text that were made before may miss rows and let duplicates in, unless the locale is builtin or ICU's`,
    remedy: isKnown
      ? `stay with ${old}; or ${REINDEX} right after the change`
      : `see which release the pods run (kubectl exec ${before.name}-0 -- cat /etc/os-release): if it is another, ${REINDEX} right after the change`,
  })];
}

/** By the images' own names too, as a patch changes an image and no label. */
function detectEngines(before: SetFacts, after: SetFacts): [string | undefined, string | undefined] {
  const [old, now] = [before, after].map(({ image }) => parseImage(image ?? '').engine);
  return before.engine === after.engine && old !== undefined && now !== undefined && old !== now ? [old, now] : [before.engine, after.engine];
}

function describeUpgrade(before: SetFacts, after: SetFacts, lowered: boolean): string {
  if (lowered) return `restore ${describeVersion(before)}; restore a backup into a second set if the older one is needed`;
  if (isOwn(before) && before.engine === 'postgres') {
    return `restore ${describeVersion(before)}; make a second set of version ${after.version} that takes its data over from this one ('importFrom'), then retire this one: README, 'Major version'`;
  }
  return `restore ${describeVersion(before)}; take the way that the makers of ${before.engine} describe, on a copy of the volumes or into a second set`;
}

function describeVersion(facts: SetFacts): string {
  return [facts.engine, ...facts.version === undefined ? [] : [facts.version]].join(' ');
}
