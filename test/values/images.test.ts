import { compareVersions, imageFacts, isSameSeries } from '../../lib/values/images';

// Names and tags as those who package databases write them.
test.each([
  ['postgres', 'postgres', undefined],
  ['postgres:latest', 'postgres', undefined],
  ['postgres:17', 'postgres', '17'],
  ['postgres:17.5-bookworm', 'postgres', '17.5'],
  ['postgres:bookworm', 'postgres', undefined],
  ['postgres:alpine3.20', 'postgres', undefined],
  ['postgres:debian-12', 'postgres', undefined],
  ['postgres:18beta1', 'postgres', undefined],
  ['postgres@sha256:5e2dba2c2c2b7c1d7b8a8b8f2c1c3c0f', 'postgres', undefined],
  ['localhost:5000/postgres', 'postgres', undefined],
  ['registry.example.com:5000/library/postgres:16.4@sha256:0123', 'postgres', '16.4'],
  ['registry.example.com/team/postgres:20f3a1c', 'postgres', undefined],
  ['docker.io/bitnami/postgresql:16.2.0-debian-12-r8', 'postgres', '16.2.0'],
  ['bitnamilegacy/postgresql-repmgr:15.4.0-debian-11-r1', 'postgres', '15.4.0'],
  ['registry.developers.crunchydata.com/crunchydata/crunchy-postgres:ubi8-15.4-0', 'postgres', '15.4'],
  ['crunchydata/crunchy-postgres-gis:centos8-13.5-3.1-0', 'postgres', '13.5'],
  ['ghcr.io/zalando/spilo-15:3.0-p1', 'postgres', '15'],
  ['percona/percona-postgresql-operator:2.3.1-ppg16-postgres', 'postgres', '16'],
  ['percona/percona-postgresql-operator:2.3.1-ppg16.1-postgres-gis', 'postgres', '16.1'],
  ['percona/percona-postgresql-operator:2.3.1-ppg16-pgbackrest2.48', undefined, '16'],
  ['percona/percona-postgresql-operator:2.3.1', undefined, '2.3.1'],
  ['timescale/timescaledb:2.14.2-pg15', 'postgres', '15'],
  ['timescale/timescaledb-ha:pg15.4-ts2.11', 'postgres', '15.4'],
  ['postgis/postgis:15-3.4', 'postgres', '15'],
  ['pgvector/pgvector:0.7.0-pg16', 'postgres', '16'],
  ['ghcr.io/cloudnative-pg/postgresql:16.1', 'postgres', '16.1'],
  ['quay.io/prometheuscommunity/postgres-exporter:v0.15.0', undefined, '0.15.0'],
  ['mysql:8.4', 'mysql', '8.4'],
  ['mysql/mysql-server:8.0.32', 'mysql', '8.0.32'],
  ['percona/percona-xtradb-cluster:8.0.32-24.2', 'mysql', '8.0.32'],
  ['percona/percona-server:8.0.36-28', 'mysql', '8.0.36'],
  ['prom/mysqld-exporter:v0.15.1', undefined, '0.15.1'],
  ['mariadb:lts', 'mariadb', undefined],
  ['lscr.io/linuxserver/mariadb:version-10.11.4-r1', 'mariadb', '10.11.4'],
  ['percona/percona-server-mongodb:6.0.9-7', 'mongodb', '6.0.9'],
  ['mongodb/mongodb-community-server:6.0.5-ubi8', 'mongodb', '6.0.5'],
  ['quay.io/mongodb/mongodb-agent:12.0.25', undefined, '12.0.25'],
  ['mongo-express:1.0.2', undefined, '1.0.2'],
  ['redis:7.2-alpine', 'redis', '7.2'],
  ['redis/redis-stack-server:7.2.0-v3', 'redis', '7.2.0'],
  ['oliver006/redis_exporter:v1.58.0', undefined, '1.58.0'],
  ['bitnami/redis-sentinel:7.2.4', undefined, '7.2.4'],
  ['valkey/valkey:9.0', 'valkey', '9.0'],
  ['quay.io/strimzi/kafka:0.38.0-kafka-3.6.0', 'kafka', '3.6.0'],
  ['quay.io/strimzi/operator:0.38.0', undefined, '0.38.0'],
  ['minio/minio:RELEASE.2024-01-01T16-36-33Z', 'minio', undefined],
  ['quay.io/coreos/etcd:v3.5.9', 'etcd', '3.5.9'],
  ['docker.elastic.co/elasticsearch/elasticsearch:8.10.0', 'elasticsearch', '8.10.0'],
  ['cockroachdb/cockroach:v23.1.11', 'cockroachdb', '23.1.11'],
  ['rabbitmq:3.12-management-alpine', 'rabbitmq', '3.12'],
  ['busybox:1.36', undefined, '1.36'],
  ['', undefined, undefined],
])('%s is %s %s', (image, engine, version) => {
  expect(imageFacts(image)).toMatchObject({ engine, version });
});

test.each([
  ['registry.example.com:5000/a/postgres:17-alpine@sha256:01', { name: 'postgres', isAlpine: true }],
  ['alpine.example.com/postgres:17', { name: 'postgres', isAlpine: false }],
])('of %s a registry and a digest tell nothing', (image, facts) => {
  expect(imageFacts(image)).toMatchObject(facts);
});

test.each([
  ['17', '17.5', 0], ['17.5', '17', 0], ['17.4', '17.5', -1], ['17.10', '17.9', 1], ['9.6.24', '10', -1], ['8.0.36', '8.0.36', 0],
])('%s compared with %s', (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
  expect(Math.sign(compareVersions(b, a))).toBe(-sign || 0);
});

test.each([
  ['postgres', '17.4', '17.5', true], ['postgres', '17', '18', false], ['postgres', '9.5.1', '9.6.1', false], ['postgres', '9.6', '10.1', false],
  ['mysql', '8.0.36', '8.0.37', true], ['mysql', '8.0.36', '8.4.0', false], ['mysql', '5.7', '8.0', false], ['mysql', '8', '8.4', true],
  ['mariadb', '10.6.1', '10.6.18', true], ['mariadb', '10.6', '10.11', false], ['mariadb', '11.8', '12.3', false],
  ['mongodb', '4.2.1', '4.4.1', false], ['mongodb', '6.0.1', '6.0.9', true], ['cockroachdb', '23.1.1', '23.2.1', false],
  ['redis', '7.2', '7.4', true], ['redis', '7.4', '8.0', false],
  ['minio', '2024.12.18', '2025.1.1', true], ['clickhouse', '24.8', '25.3', true], ['something-else', '1', '2', false],
])('the files of %s %s and %s: the same is %s', (engine, a, b, expected) => {
  expect(isSameSeries(engine, a, b)).toBe(expected);
  expect(isSameSeries(engine, b, a)).toBe(expected);
});
