/**
 * How many numbers of a version determine the data format: usually one; two for some, such as MySQL (8.0, 8.4) and
 * MariaDB (10.6, 10.11), for PostgreSQL before 10 and for MongoDB before 5; none where a version is a date.
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

/** Whether two versions of a database have the same data format, as far as both are precise enough to tell. */
export function isSameSeries(engine: string, a: string, b: string): boolean {
  const series = (version: string): string => {
    const numbers = version.split('.');
    return numbers.slice(0, SERIES[engine]?.(Number(numbers[0])) ?? 1).join('.');
  };
  return compareVersions(series(a), series(b)) === 0;
}

/** Negative if `a` is older. Numbers that one of them lacks are ignored: `18` is any `18.x`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const differing = left.findIndex((part, place) => right[place] !== undefined && part !== right[place]);
  return differing < 0 ? 0 : left[differing] - right[differing];
}
