import { Figure } from '../figure';
import { bareSet, Manifest, ourSet, SetProps, toYaml } from '../manifests';
import { load, transactions } from '../pgbench';
import { BenchSet } from '../set';

const REPLICAS = 3;

/**
 * One server by its ordinal, as a person would set it up: a primary, and replicas that copied it and stream from it by
 * slots.
 */
const BY_HAND = `set -e
if [ "$POD_INDEX" -gt 0 ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  until pg_isready -q -h hand-0.hand; do sleep 1; done
  PGPASSWORD=bench pg_basebackup -d 'host=hand-0.hand user=replicator' -D "$PGDATA" -R -C -S "replica_$POD_INDEX" -X stream -c fast
fi
exec docker-entrypoint.sh postgres -c config_file=/etc/stateful/postgresql.conf`;

const ROLES = `CREATE ROLE replicator LOGIN REPLICATION PASSWORD 'bench';
CREATE ROLE app LOGIN PASSWORD 'bench';
CREATE DATABASE app OWNER app;`;

/** What the primary does with two replicas, beside the same three servers without us. */
export const pgbench: Figure = {
  name: 'pgbench',
  lines: [
    {
      what: 'pgbench at the primary, 8 clients, beside servers set up by hand',
      unit: 'tps',
      ours: 'ours',
      beside: 'hand',
      aim: { of: 'ratio', atLeast: 0.97 },
    },
  ],

  async open(bench) {
    const cluster = await bench.cluster();
    const client = await bench.client();
    const props = (name: string): SetProps => ({
      name,
      replicas: REPLICAS,
      gibibytes: 3,
      storageClassName: bench.storageClassName,
    });
    const manifests = ourSet(props('ours'));
    const sets = { hand: new BenchSet(cluster, 'hand'), ours: new BenchSet(cluster, 'ours') };
    await sets.ours.apply(toYaml(manifests), REPLICAS);
    await sets.hand.apply(toYaml(setByHand(props('hand'), manifests)), REPLICAS);
    for (const set of [sets.hand, sets.ours]) {
      await load(client, set, bench);
    }
    return async () => {
      const rates = { hand: [] as number[], ours: [] as number[] };
      // There and back, so that what drifts falls on both.
      for (const name of ['hand', 'ours', 'ours', 'hand'] as const) {
        const rate = await transactions(client, sets[name]);
        bench.log(`${name}: ${rate.toFixed(0)} tps`);
        rates[name].push(rate);
      }
      return rates;
    };
  },
};

/** With our own postgresql.conf, taken from the ConfigMap, so that the servers are the same. */
function setByHand(props: SetProps, ours: Manifest[]): object[] {
  const config = ours.find(
    (manifest) => manifest.kind === 'ConfigMap' && manifest.data?.['postgresql.conf'] !== undefined,
  )?.data;
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'hand-config' },
      data: { ...config, 'start.sh': BY_HAND },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'hand-init' }, data: { 'roles.sql': ROLES } },
    ...bareSet({
      ...props,
      command: ['bash', '/etc/stateful/start.sh'],
      files: { 'hand-config': '/etc/stateful', 'hand-init': '/docker-entrypoint-initdb.d' },
    }),
  ];
}
