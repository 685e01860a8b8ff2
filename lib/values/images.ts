/** What the name of an image says about its content. */
export interface ImageFacts {
  /** The last part, without registry, path and tag, so that a mirrored image has the same name. */
  readonly name: string;
  /** The database, by one name for all packagers. */
  readonly engine?: string;
  /** The database's version, if the name or tag contains it. */
  readonly version?: string;
  /** Whether it is based on Alpine, whose C library sorts text differently. Not known without a tag. */
  readonly isAlpine?: boolean;
  /** The release of the distribution it is based on, and so of its C library. Not known if the tag does not name it. */
  readonly release?: string;
}

/**
 * Databases and other systems with a data format of their own, by the image names that packagers use. The first match
 * counts.
 */
const ENGINES: [engine: string, name: RegExp][] = [
  ['postgres', /postgres|postgis|spilo|timescaledb|pgvector|cloudnative-pg/],
  ['mariadb', /mariadb/],
  ['mysql', /mysql|percona-server(?!-mongodb)|percona-xtradb/],
  ['valkey', /valkey/],
  ['keydb', /keydb/],
  ['redis', /redis/],
  ['mongodb', /mongo/],
  ['opensearch', /opensearch/],
  ['elasticsearch', /elasticsearch/],
  ['cassandra', /cassandra/],
  ['scylla', /scylla/],
  ['rabbitmq', /rabbitmq/],
  ['kafka', /kafka/],
  ['zookeeper', /zookeeper/],
  ['etcd', /etcd/],
  ['clickhouse', /clickhouse/],
  ['cockroachdb', /cockroach/],
  ['influxdb', /influxdb/],
  ['neo4j', /neo4j/],
  ['couchdb', /couchdb/],
  ['minio', /minio/],
  ['nats', /nats/],
  ['solr', /solr/],
  ['prometheus', /prometheus/],
  ['rclone', /rclone/],
];

/** Images of helpers that are named after a database. */
const HELPERS = /exporter|operator|reloader|backup|agent|sentinel|express|dashboards/;

const NUMBER = String.raw`(\d+(?:\.\d+)*)`;
/**
 * Where packagers put the database's version: after its name in the tag, in the image's name, or at the start of the
 * tag.
 */
const IN_TAG = new RegExp(String.raw`(?:postgres|pg|ppg|kafka|mysql|mariadb|mongodb|redis|valkey)[-_]?v?${NUMBER}`);
const IN_NAME = new RegExp(String.raw`(?:spilo|postgresql|postgres|pg|mysql|mariadb|mongodb)-?${NUMBER}$`);
const FIRST_IN_TAG = new RegExp(
  String.raw`^(?:(?:ubi|centos|debian|alpine|ubuntu)[\d.]+-|(?:version|release)-)?v?${NUMBER}(?![\da-z])`,
  'i',
);
/** Percona names all images of its PostgreSQL operator after the operator. */
const OPERATORS_POSTGRES = /-ppg[\d.]+-postgres(-|$)/;

/** Reads an image's name. */
export function parseImage(image: string): ImageFacts {
  const [named] = image.split('@');
  const [name, tag = ''] = named.slice(named.lastIndexOf('/') + 1).split(':');
  const engine =
    HELPERS.test(name) && !OPERATORS_POSTGRES.test(tag)
      ? undefined
      : ENGINES.find(([, pattern]) => pattern.test(name))?.[0];
  const version = (IN_TAG.exec(tag) ?? IN_NAME.exec(name) ?? FIRST_IN_TAG.exec(tag))?.[1];
  return {
    name,
    engine,
    version,
    isAlpine: tag === '' ? undefined : tag.includes('alpine'),
    release: distributionRelease(tag),
  };
}

const RELEASE = /buster|bullseye|bookworm|trixie|forky|focal|jammy|noble|resolute|(?:ubi|oraclelinux)-?\d+/;
/** Bitnami numbers the releases of Debian. */
const DEBIAN: { readonly [number: string]: string } = {
  10: 'buster',
  11: 'bullseye',
  12: 'bookworm',
  13: 'trixie',
  14: 'forky',
};

function distributionRelease(tag: string): string | undefined {
  return RELEASE.exec(tag)?.[0] ?? DEBIAN[/debian-?(\d+)/.exec(tag)?.[1] ?? ''];
}
