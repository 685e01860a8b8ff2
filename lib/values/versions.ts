/**
 * How many numbers of a version name the series that a database's files belong to: as a rule one, none where a version is a date, and two
 * for some, as MySQL 8.0 and 8.4 or MariaDB 10.6 and 10.11. PostgreSQL counted by two before 10, MongoDB before 5.
 */
const SERIES: { readonly [engine: string]: (first: number) => number } = {
  postgres: (first) => (first < 10 ? 2 : 1),
  mongodb: (first) => (first < 5 ? 2 : 1),
  mysql: () => 2,
  mariadb: () => 2,
  cockroachdb: () => 2,
  minio: () => 0,
  clickhouse: () => 0,
};

/** Whether two versions of a database use the same files, as far as both tell. */
export function isSameSeries(engine: string, a: string, b: string): boolean {
  const series = (version: string): string => {
    const numbers = version.split('.');
    return numbers.slice(0, SERIES[engine]?.(Number(numbers[0])) ?? 1).join('.');
  };
  return compareVersions(series(a), series(b)) === 0;
}

/** Below zero if `a` is older. A number that one of them lacks tells nothing: `18` is any `18.x`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const differing = left.findIndex((part, place) => right[place] !== undefined && part !== right[place]);
  return differing < 0 ? 0 : left[differing] - right[differing];
}
