/** What the name of an image says about what runs in it. */
export interface ImageFacts {
  /** The last part, without registry, folders and tag: a mirror holds the same image. */
  readonly name: string;
  /** The database, in one word for all who package it. */
  readonly engine?: string;
  /** The database's version, as far as the tag says it. */
  readonly version?: string;
  /** Built on Alpine, whose C library sorts text in another order than that of all others. Only a tag tells. */
  readonly isAlpine?: boolean;
  /** The release of the distribution that it is built on, and so its C library. Only a tag tells, and not every one. */
  readonly release?: string;
}

/**
 * Databases and others that keep data in a format of their own, by how those who package them call their images.
 * The first that matches counts.
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

/** What stands beside a database and is called after it. */
const HELPERS = /exporter|operator|reloader|backup|agent|sentinel|express|dashboards/;

const NUMBER = String.raw`(\d+(?:\.\d+)*)`;
/** Where packagers put the database's version: after its name in the tag, in the image's name, or first in the tag. */
const IN_TAG = new RegExp(String.raw`(?:postgres|pg|ppg|kafka|mysql|mariadb|mongodb|redis|valkey)[-_]?v?${NUMBER}`);
const IN_NAME = new RegExp(String.raw`(?:spilo|postgresql|postgres|pg|mysql|mariadb|mongodb)-?${NUMBER}$`);
const FIRST_IN_TAG = new RegExp(String.raw`^(?:(?:ubi|centos|debian|alpine|ubuntu)[\d.]+-|(?:version|release)-)?v?${NUMBER}(?![\da-z])`, 'i');
/** One operator's name is on all that it runs. */
const OPERATORS_POSTGRES = /-ppg[\d.]+-postgres(-|$)/;

/** Reads an image's name. */
export function parseImage(image: string): ImageFacts {
  const [named] = image.split('@');
  const [name, tag = ''] = named.slice(named.lastIndexOf('/') + 1).split(':');
  const engine = HELPERS.test(name) && !OPERATORS_POSTGRES.test(tag) ? undefined : ENGINES.find(([, pattern]) => pattern.test(name))?.[0];
  const version = (IN_TAG.exec(tag) ?? IN_NAME.exec(name) ?? FIRST_IN_TAG.exec(tag))?.[1];
  return { name, engine, version, isAlpine: tag === '' ? undefined : tag.includes('alpine'), release: distributionRelease(tag) };
}

const RELEASE = /buster|bullseye|bookworm|trixie|forky|focal|jammy|noble|resolute|(?:ubi|oraclelinux)-?\d+/;
/** Bitnami counts Debian's. */
const DEBIAN: { readonly [number: string]: string } = { 10: 'buster', 11: 'bullseye', 12: 'bookworm', 13: 'trixie', 14: 'forky' };

function distributionRelease(tag: string): string | undefined {
  return RELEASE.exec(tag)?.[0] ?? DEBIAN[/debian-?(\d+)/.exec(tag)?.[1] ?? ''];
}
