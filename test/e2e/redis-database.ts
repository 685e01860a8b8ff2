import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Reply, succeeded } from './client';
import { Database, User } from './driver';

const WRITER = readFileSync(join(__dirname, 'redis-writer.pl'), 'utf8');
const WRITTEN = readFileSync(join(__dirname, 'redis-written.lua'), 'utf8');
const ATTACK = readFileSync(join(__dirname, 'redis-attack.sh'), 'utf8');
const MEBIBYTE = 1024 * 1024;
const PASSWORDS: { readonly [user in User]: string } = { superuser: '$SUPERUSER_PASSWORD', app: '$APP_PASSWORD' };
const NAMES: { readonly [user in User]: string } = { superuser: 'superuser', app: 'app' };

/** Errors of a client that found nobody, or a server that does not serve yet or any more; any other is an answer. */
const UNAVAILABLE = [
  'Could not connect',
  'Server closed the connection',
  'Connection reset',
  'Broken pipe',
  'Connection timed out',
  'LOADING',
  'Protocol error',
];

/**
 * One line a key, of what it holds. Some types have no order of their own. SCAN may give a key twice: who reads this
 * must not count it twice.
 */
const HASHES = `
local found, hashes = redis.call('SCAN', ARGV[1], 'COUNT', 2000), {}
for _, key in ipairs(found[2]) do
  local kind, values = redis.call('TYPE', key).ok, {}
  if kind == 'string' then values = {redis.call('GET', key)}
  elseif kind == 'list' then values = redis.call('LRANGE', key, 0, -1)
  elseif kind == 'zset' then values = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  elseif kind == 'set' then values = redis.call('SMEMBERS', key) table.sort(values)
  elseif kind == 'hash' then
    local pairs = redis.call('HGETALL', key)
    for i = 1, #pairs, 2 do values[#values + 1] = pairs[i] .. '=' .. pairs[i + 1] end
    table.sort(values)
  elseif kind == 'stream' then
    for _, entry in ipairs(redis.call('XRANGE', key, '-', '+')) do values[#values + 1] = entry[1] .. '=' .. table.concat(entry[2], ' ') end
  elseif kind == 'numericdx' or string.find(kind, '[^a-z]') then kind = nil -- an index of a module, which each server makes of the data by itself
  else error('a type without a checksum: ' .. kind) end
  if kind then hashes[#hashes + 1] = key .. ' ' .. redis.sha1hex(kind .. table.concat(values, ' ')) end
end
return {found[1], hashes}`;

/** Redis or Valkey as a client sees it: its command line in the client pod. */
export class RedisDatabase implements Database {
  /** repl-backlog-size, and as much again for what is on its way to a replica that is there. */
  public readonly logBound = 16 * MEBIBYTE;
  public readonly writerKinds = 18;

  constructor(
    private readonly client: Client,
    private readonly setName: string,
    private readonly program: string,
    private readonly primaryService: string,
  ) {}

  public async role(ordinal: number): Promise<'primary' | 'replica'> {
    return (await this.info(ordinal, 'replication')).get('role') === 'master' ? 'primary' : 'replica';
  }

  public async identity(ordinal: number): Promise<string> {
    return (await this.ask(ordinal, 'FCALL_RO stateful_position 0')).split(' ')[0];
  }

  public async write(target: number | 'primary', user: User): Promise<string | undefined> {
    const { code, out, err } = await this.cli(target, user, 'INCR e2e_other');
    return code === 0 ? undefined : `${out}${err}`;
  }

  public isReadOnlyError(error: string): boolean {
    return error.startsWith('READONLY');
  }

  public async load(): Promise<void> {
    await this.benchmark('-n 20000 -r 100000 -t set,lpush,sadd,hset,zadd');
  }

  public async change(): Promise<void> {
    await this.benchmark('-n 5000 -r 100000 -t set,lpop,sadd,hset,zpopmin,incr');
    await this.asApp(
      'DEL mylist',
      'RPUSH e2e_made a b c',
      'LSET e2e_made 1 x',
      'HSET e2e_hash f 1',
      'HINCRBY e2e_hash f 2',
      'SPOP myset',
    );
  }

  public async grow(bytes: number): Promise<void> {
    await this.fill(bytes, 'e2e_ballast:$RANDOM$RANDOM$RANDOM');
  }

  public async shrink(): Promise<void> {
    await this.script(
      `${this.command('primary', 'app')} --scan --pattern 'e2e_ballast:*' | xargs -n 100 ${this.command('primary', 'app')} DEL`,
    );
  }

  public async checksum(ordinal: number): Promise<string> {
    const sums = await this.script(`
      set -o pipefail
      cursor=0
      while :; do
        reply=$(${this.command(ordinal, 'superuser')} EVAL_RO ${quote(HASHES)} 0 "$cursor") || { echo "$reply" >&2; exit 1; }
        cursor=\${reply%%$'\\n'*}
        [[ $reply != *$'\\n'* ]] || echo "\${reply#*$'\\n'}"
        [[ $cursor != 0 ]] || break
      done | sort -u | { tee >(wc -l >/tmp/keys.$$) | sha256sum; } || exit
      until [[ -s /tmp/keys.$$ ]]; do :; done
      cat /tmp/keys.$$; rm /tmp/keys.$$`);
    const [sum, keys] = sums.trim().split('\n');
    if (!(Number(keys) > 1000)) {
      throw new Error(`ordinal ${ordinal} does not have the keys that were loaded, but ${keys}`);
    }
    return `${keys} keys, ${sum}`;
  }

  public async hasCaughtUp(ordinal: number): Promise<boolean> {
    const primary = await this.info(0, 'replication');
    const replica = await this.info(ordinal, 'replication');
    return (
      replica.get('master_replid') === primary.get('master_replid') &&
      Number(replica.get('slave_repl_offset')) >= Number(primary.get('master_repl_offset'))
    );
  }

  public async followers(): Promise<number[]> {
    const rows = [...(await this.info(0, 'replication'))].filter(
      ([name, value]) => /^slave\d+$/.test(name) && value.includes('state=online'),
    );
    return rows
      .flatMap(([, value]) => new RegExp(`ip=${this.setName}-(\\d+)\\.`).exec(value)?.[1] ?? [])
      .map(Number)
      .sort();
  }

  /** All that a primary keeps for one replica is its connection: the log is one ring for all. */
  public async keepsFor(ordinal: number): Promise<boolean> {
    return (await this.followers()).includes(ordinal);
  }

  public async logBytes(): Promise<number> {
    return Number((await this.info(0, 'memory')).get('mem_total_replication_buffers'));
  }

  public async writeLog(bytes: number): Promise<void> {
    await this.fill(bytes, 'e2e_filler');
    await this.asApp('DEL e2e_filler');
  }

  public async hasApplication(): Promise<boolean> {
    return (await this.ask(0, 'CLIENT LIST TYPE normal')).includes(' user=app ');
  }

  public writerScript(): string {
    return `exec perl - ${this.host('primary')} 6379 <<'END_OF_SCRIPT'\n${WRITER}\nEND_OF_SCRIPT`;
  }

  public async writtenIds(ordinal: number): Promise<Set<number>> {
    const ids = await this.ask(ordinal, `EVAL_RO ${quote(`${WRITTEN} return ids`)} 0`);
    return new Set(
      ids
        .split('\n')
        .filter((id) => id !== '')
        .map(Number),
    );
  }

  public readerScript(ordinal: number): string {
    return `
      while :; do
        out=$(${this.command(ordinal, 'app')} EVAL_RO ${quote(`${WRITTEN} return #ids`)} 0 2>&1)
        echo "\${out//$'\\n'/ }"
        sleep 0.05
      done`;
  }

  public isUnavailable(error: string): boolean {
    return UNAVAILABLE.some((part) => error.includes(part));
  }

  public async superuser(statement: string): Promise<string> {
    return this.ask(0, statement);
  }

  public async connectionsFrom(address: string): Promise<number> {
    const clients = (await this.ask(0, 'CLIENT LIST TYPE normal')).split('\n');
    return clients.filter((client) => client.includes(` addr=${address}:`)).length;
  }

  public async promoteByHand(ordinal: number): Promise<void> {
    await this.ask(ordinal, 'REPLICAOF NO ONE');
    await this.ask(ordinal, 'CONFIG SET min-replicas-to-write 0');
  }

  public attackScript(): string {
    return `PROGRAM=${this.program} SET=${this.setName}\n${ATTACK}`;
  }

  /**
   * Users with their rights, and the libraries of functions: but not what the data says of its position, nor the
   * password that each pod makes for itself.
   */
  public async ownObjects(ordinal: number): Promise<string> {
    const users = (await this.ask(ordinal, 'ACL LIST')).replace(/^(user stateful on \D*#)\w+/m, '$1');
    return users + (await this.ask(ordinal, 'FUNCTION LIST WITHCODE')).replace(/return '[^']*'/g, 'return');
  }

  public async burdenRecovery(): Promise<void> {
    await this.script(`for ((i = 0; i < 30; i++)); do
      ${this.command('primary', 'app')} EVAL "for n = 1, 100000 do redis.call('SET', 'e2e_burden:' .. ARGV[1] .. ':' .. n, n) end" 0 "$i" || exit
    done`);
  }

  private async info(ordinal: number, section: string): Promise<Map<string, string>> {
    const rows = (await this.ask(ordinal, `INFO ${section}`)).split(/\r?\n/);
    return new Map(
      rows
        .filter((row) => row.includes(':'))
        .map((row) => [row.slice(0, row.indexOf(':')), row.slice(row.indexOf(':') + 1)]),
    );
  }

  private async ask(ordinal: number, command: string): Promise<string> {
    return succeeded(await this.cli(ordinal, 'superuser', command)).out.trim();
  }

  private async asApp(...commands: string[]): Promise<void> {
    for (const command of commands) {
      succeeded(await this.cli('primary', 'app', command));
    }
  }

  /** Sets a key to random bytes, again and again until so many were written. */
  private async fill(bytes: number, key: string): Promise<void> {
    const length = 256 * 1024;
    await this.script(`
      for ((i = 0; i < ${Math.ceil(bytes / length)}; i++)); do
        head -c ${length} /dev/urandom | ${this.command('primary', 'app')} -x SET "${key}" >/dev/null || exit
      done`);
  }

  private async benchmark(what: string): Promise<void> {
    await this.script(
      `${this.program}-benchmark -h ${this.host('primary')} --user app -a "$APP_PASSWORD" -P 16 -q ${what}`,
    );
  }

  private async script(script: string): Promise<string> {
    return succeeded(await this.client.run(script)).out;
  }

  private cli(target: number | 'primary', user: User, command: string): Promise<Reply> {
    return this.client.run(`${this.command(target, user)} ${command}`);
  }

  private command(target: number | 'primary', user: User): string {
    return `env REDISCLI_AUTH="${PASSWORDS[user]}" ${this.program}-cli -e -t 2 -h ${this.host(target)} --user ${NAMES[user]}`;
  }

  private host(target: number | 'primary'): string {
    return target === 'primary' ? this.primaryService : `${this.setName}-${target}.${this.setName}`;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
