import { Setting } from './driver';

/** What a DBA sets in the configuration; all of it is legal, and some is unwise. */
const PARAMETERS: { readonly [name: string]: string } = {
  timeout: '1',
  'maxmemory-policy': 'allkeys-lru',
  'maxmemory-clients': '2mb',
  'tcp-keepalive': '0',
  hz: '100',
  'lazyfree-lazy-user-del': 'yes',
  'rdb-save-incremental-fsync': 'no',
  'aof-timestamp-enabled': 'yes',
  'auto-aof-rewrite-percentage': '20',
  'auto-aof-rewrite-min-size': '1mb',
  rdbcompression: 'no',
  'repl-diskless-sync': 'no',
  'repl-diskless-sync-delay': '5',
  'repl-disable-tcp-nodelay': 'yes',
  'repl-timeout': '60',
  'repl-ping-replica-period': '2',
  'client-output-buffer-limit': 'normal 20mb 10mb 60',
  'client-query-buffer-limit': '2mb',
  'slowlog-log-slower-than': '0',
  'latency-monitor-threshold': '1',
  'notify-keyspace-events': 'KEA',
  'busy-reply-threshold': '100',
  databases: '4',
  'io-threads': '2',
  'replica-lazy-flush': 'no',
  maxclients: '64',
  loglevel: 'verbose',
  'list-max-listpack-size': '16',
  'hash-max-listpack-entries': '4',
  'stream-node-max-entries': '8',
  'acl-pubsub-default': 'resetchannels',
  'sanitize-dump-payload': 'yes',
  'replica-priority': '0',
  'tracking-table-max-keys': '10',
  'shutdown-timeout': '0',
  'active-expire-effort': '10',
};

/**
 * What an administrator does at the running primary, and what takes it back. Some of it is put back by the sidecar, as
 * an acknowledged write depends on it.
 */
const STATEMENTS: { readonly [statement: string]: string } = {
  'CONFIG SET timeout 1': 'CONFIG SET timeout 0',
  'CONFIG SET appendfsync no': 'CONFIG SET appendfsync always',
  'CONFIG SET appendonly no': 'CONFIG SET appendonly yes',
  'CONFIG SET maxmemory 0': 'CONFIG SET maxmemory 400mb',
  'CONFIG SET min-replicas-to-write 1': 'CONFIG SET min-replicas-to-write 0',
  'CONFIG SET save "60 1"': 'CONFIG SET save ""',
  'ACL SETUSER report on ">report" "~*" +@read': 'ACL DELUSER report',
  'ACL SETUSER app -keys': 'ACL SETUSER app +keys',
  'FUNCTION FLUSH': 'PING',
  'CONFIG REWRITE': 'PING',
  'ACL SAVE': 'PING',
  'CLIENT KILL TYPE replica': 'PING',
  'CLIENT KILL USER stateful': 'PING',
};

/** What each has of its own: how a full copy is sent. */
const OWN = {
  redis: { name: 'repl-rdb-channel', value: 'yes' },
  valkey: { name: 'dual-channel-replication-enabled', value: 'yes' },
};

/** At least thirty, which the rows `settings` try some at a time. */
export function redisSettings(program: string): Setting[] {
  return [
    ...Object.entries(PARAMETERS).map(([name, value]) => ({ parameter: { name, value } })),
    ...Object.entries(STATEMENTS).map(([statement, undo]) => ({ statement, undo })),
    { parameter: program === 'valkey' ? OWN.valkey : OWN.redis },
  ];
}
