import { StopTimes, stopTimesOf } from './driver';

// What PostgreSQL says in its log, whoever made the set: so that what rests on this does not rest on all of `Postgres`.

/** How many copies were given away. */
export function copiesServed(log: string): number {
  return [...log.matchAll(/received replication command: BASE_BACKUP/g)].length;
}

export function stopTimes(log: string): StopTimes | undefined {
  return stopTimesOf(log, 'received fast shutdown request', 'database system is shut down');
}
