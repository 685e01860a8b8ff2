import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Result, Sandbox } from '../scripts/sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

// The functions of engine.sh that decide something. What PostgreSQL itself says is a function or a program of the test's; whether it
// would say so, only the end-to-end tests can tell.

function run(script: string, ordinal = 2, settings: { [name: string]: string } = {}): Promise<Result> {
  sandbox = new Sandbox(ordinal, { replication_user: 'replicator', user: 'app', database: 'app', read_only: 'no', ...settings }, { scriptsOf: 'postgres' });
  return go(script);
}
function go(script: string): Promise<Result> {
  return sandbox.run(`bin=$STUB\n${script}`, { PG_MAJOR: '17' });
}
/** Whether a condition of the shell holds. */
async function holds(condition: string, before = ''): Promise<boolean> {
  const { out, log } = await run(`${before}\nif ${condition}; then echo yes; else echo no; fi`);
  expect(log).toEqual([]);
  return out === 'yes\n';
}
/** A program of PostgreSQL's that prints what it is to print. */
function program(name: string, prints: string): string {
  return `cat >"$STUB/${name}" <<'END'\n#!/usr/bin/env bash\ncat <<'TEXT'\n${prints}\nTEXT\nEND\nchmod +x "$STUB/${name}"\n`;
}

describe('lsn', () => {
  test.each([
    ['0/0', '0'], ['0/10', '16'], ['0/FFFFFFFF', '4294967295'], ['1/0', '4294967296'], ['16/B374D848', '97500059720'],
    ['7FFFFFFF/FFFFFFFF', '9223372036854775807'],
  ])('%s is %s', async (text, number) => {
    expect((await run(`lsn ${text}`)).out).toBe(`${number}\n`);
  });
});

describe('engine_is_ahead', () => {
  test.each([
    ['by its log', '7 1 0/20', '7 1 0/1F', true],
    ['by the upper half of its log', '7 1 2/0', '7 1 1/FFFFFFFF', true],
    ['not where it is equal', '7 1 0/20', '7 1 0/20', false],
    ['not where it is behind', '7 1 0/9', '7 1 0/10', false],
    ['by its timeline, whatever the log', '7 3 0/10', '7 2 5/0', true],
    ['not by an earlier timeline', '7 2 5/0', '7 10 0/10', false],
  ])('%s', async (_, one, other, expected) => {
    expect(await holds(`engine_is_ahead '${one}' '${other}'`)).toBe(expected);
  });
});

describe('engine_prepare', () => {
  test.each([
    ['plain', 'plain'], ['a:b', 'a\\:b'], ['a\\b', 'a\\\\b'], ['\\:', '\\\\\\:'], ['it\'s "$HOME" %s *', 'it\'s "$HOME" %s *'], ['-n', '-n'],
  ])('libpq reads the password %s from the file', async (password, written) => {
    sandbox = new Sandbox(1, { replication_user: 'replicator' }, { scriptsOf: 'postgres' });
    sandbox.write('credentials/replication-password', password);
    expect((await go('engine_prepare; engine_prepare')).status).toBe(0);
    expect(sandbox.read('state/pgpass')).toBe(`*:*:*:replicator:${written}\n`);
    expect(statSync(join(sandbox.folder, 'state/pgpass')).mode & 0o777).toBe(0o600); // libpq refuses others
    expect(sandbox.list('state')).toEqual(['pgpass']);
  });
});

describe('engine_settled_position', () => {
  const asked = (replayed: string, identity: string): string => (
    `ask_sql() { ${replayed}; }; identify() { ${identity}; }; engine_settled_position orders-1`);

  test('is identity, timeline and log', async () => {
    expect(await run(asked('echo 0/30', 'echo "7|2|0/40|"'))).toMatchObject({ status: 0, out: '7 2 0/30\n' });
  });

  test.each([
    ['still replays', ':', 'echo "7|2|0/40|"'], ['does not answer', 'false', 'echo "7|2|0/40|"'], ['does not say who it is', 'echo 0/30', 'false'],
  ])('is none of one that %s', async (_, replayed, identity) => {
    expect(await run(`${asked(replayed, identity)} || exit 9`)).toMatchObject({ status: 9, out: '' });
  });
});

describe('engine_reserve', () => {
  // The primary, orders-0, is at 0/20; the source is asked again and again.
  const reserve = (source: string, replayed: string): string => `
    pause() { :; }
    printf '%s\\n' ${replayed} >"$STUB/replayed"
    ask_sql() {
      if [[ $1 == orders-0 ]]; then printf 'slot\\n0/20\\n'; return; fi
      local lines
      mapfile -t lines <"$STUB/replayed"
      printf '%s\\n' "\${lines[@]:1}" >"$STUB/replayed"
      echo asked >&2
      [[ \${lines[0]} != gone ]] && echo "\${lines[0]}"
    }
    engine_reserve orders-0 ${source}`;

  test('returns when the source has replayed what the primary had', async () => {
    expect(await run(reserve('orders-1', '0/10 0/1F 0/20 0/30'))).toMatchObject({ status: 0, log: ['asked', 'asked', 'asked'] });
  });

  test('asks none where the source is the primary', async () => {
    expect(await run(reserve('orders-0', 'gone'))).toMatchObject({ status: 0, log: [] });
  });

  test('fails where the source goes, or the primary', async () => {
    expect((await run(`${reserve('orders-1', '0/10 gone')} || exit 9`)).status).toBe(9);
    expect((await run('ask_sql() { false; }; engine_reserve orders-0 orders-1 || exit 9')).status).toBe(9);
  });
});

test('show_progress logs a line a tenth, and all that is no progress', async () => {
  const lines = [0, 3, 9, 10, 12, 19, 20, 55, 56, 64, 65, 99, 100].map((percent) => `  ${percent}0/1000 kB (${percent}%), 0/1 tablespace`);
  const { log } = await run(`show_progress <<'END'\nwaiting for checkpoint\n${lines.join('\n')}\npg_basebackup: error: gone\nEND`);
  expect(log.map((line) => /\((\d+)%\)/.exec(line)?.[1] ?? line)).toEqual([
    'waiting for checkpoint', '10', '20', '55', '65', '99', 'pg_basebackup: error: gone',
  ]);
  expect(log[1]).toBe('100/1000 kB (10%), 0/1 tablespace');
});

describe('engine_copy', () => {
  const copy = (backup: string, verified: string): string => `
    printf '#!/bin/sh\\n${backup}\\n' >"$STUB/pg_basebackup"; printf '#!/bin/sh\\n${verified}\\n' >"$STUB/pg_verifybackup"
    chmod +x "$STUB"/pg_*; if engine_copy orders-1 "$volume/incoming"; then echo copied; else echo failed; fi`;

  test.each([
    ['whole and verified', 'exit 0', 'exit 0', 'copied'],
    ['which broke off, though its log was read to the end', 'exit 1', 'exit 0', 'failed'],
    ['which does not match its manifest', 'exit 0', 'exit 1', 'failed'],
  ])('%s', async (_, backup, verified, expected) => {
    expect((await run(copy(backup, verified))).out).toBe(`${expected}\n`);
  });
});

describe('a replica has at least the limits of its primary', () => {
  const LIMITS = ['max_connections', 'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions', 'max_locks_per_transaction'];
  const controlled = program('pg_controldata', [
    'max_connections setting:              100', 'max_worker_processes setting:         8', 'max_wal_senders setting:              10',
    'max_prepared_xacts setting:           5', 'max_locks_per_xact setting:           64', 'track_commit_timestamp setting:       off',
  ].join('\n'));

  test.each<[string, (number | string)[], (number | undefined)[]]>([
    ['where none is configured', [], [100, 8, 10, 5, 64]],
    ['where they were lowered', [50, 8, 9, 5, 64], [100, undefined, 10]],
    ['where the configuration has them in quotes', ['\'50\'', '\' 9\''], [100, undefined, 10, 5, 64]],
    ['where they were raised', [200, 9, 10, 6, 65], []],
  ])('%s', async (_, configured, expected) => {
    const conf = configured.map((value, i) => `${LIMITS[i]} = ${value}\n`).join('');
    const { out, log } = await run(`
      ${controlled}
      printf '%s' "${conf}" >"$config/postgresql.conf"
      role=()
      at_least_the_primarys_limits x
      printf '%s ' "\${role[@]}"`);
    expect(log).toEqual([]);
    expect(out.trim()).toBe(expected.flatMap((value, i) => (value === undefined ? [] : [`-c ${LIMITS[i]}=${value}`])).join(' '));
  });
});

describe('engine_run', () => {
  const become = `
    docker-entrypoint.sh() { printf '%s\\n' "$PGDATA" "$@"; }
    exec() { "$@"; }
    at_least_the_primarys_limits() { :; }
    mkdir -p "$volume/current"
    engine_run "$volume/current"`;

  test('makes ordinal 0 a server that follows nobody', async () => {
    const { out } = await run(become, 0);
    const words = [`${sandbox.folder}/volume/current`, 'cluster_name=orders-0', 'primary_conninfo=', 'primary_slot_name='];
    expect(out.split('\n')).toEqual(expect.arrayContaining(words));
    expect(sandbox.has('volume/current/standby.signal')).toBe(false);
  });

  test('makes any other one that follows ordinal 0, by a slot of its own', async () => {
    const { out } = await run(become, 2);
    expect(out).toMatch(/^primary_conninfo=host=orders-0\.orders\.shop\.svc\.cluster\.local\. port=1 user=replicator .* application_name=orders-2 /m);
    expect(out).toMatch(/^primary_slot_name=replica_2$/m);
    expect(sandbox.has('volume/current/standby.signal')).toBe(true);
  });

  describe('read-only', () => {
    const readOnly = { read_only: 'yes' };
    const controlled = (state: string, prepared: number): string => program('pg_controldata', `Database cluster state:               ${state}\nmax_prepared_xacts setting:           ${prepared}`) + become;
    const stopped = controlled('shut down', 0);

    test('makes ordinal 0 one that recovers, from nobody, and that is silent about it', async () => {
      const { out, log } = await run(stopped, 0, readOnly);
      expect(out.split('\n')).toEqual(expect.arrayContaining(['primary_conninfo=', 'wal_retrieve_retry_interval=1h']));
      expect(sandbox.has('volume/current/standby.signal')).toBe(true);
      expect(log).toEqual([]);
    });

    test('changes nothing for the others', async () => {
      const { out } = await run(stopped, 1, readOnly);
      expect(out).toMatch(/^primary_conninfo=host=orders-0\./m);
      expect(out).not.toContain('wal_retrieve_retry_interval');
    });

    test.each([['an unlogged table', 'base/5/16384_init'], ['a prepared transaction', 'pg_twophase/0000000000000123']])('not with %s, which would be lost', async (_, file) => {
      const { out, log } = await run(stopped.replace('engine_run', `mkdir -p "$volume/current/${file}"; engine_run`), 0, readOnly);
      expect(out).not.toContain('wal_retrieve_retry_interval');
      expect(sandbox.has('volume/current/standby.signal')).toBe(false);
      expect(log).toEqual(['NOT READ-ONLY: there are unlogged tables or prepared transactions, which would be lost']);
    });

    test.each([
      ['after a crash with prepared transactions allowed, which may be in the log only', 'in production', 5, false],
      ['after a crash, where there can be none', 'in production', 0, true],
      ['after it was stopped in order, with prepared transactions allowed', 'shut down', 5, true],
      ['again after it died as a read-only one', 'in archive recovery', 5, true],
    ])('%s', async (_, state, prepared, expected) => {
      const { log } = await run(controlled(state, prepared), 0, readOnly);
      expect(sandbox.has('volume/current/standby.signal')).toBe(expected);
      expect(log.join()).toMatch(expected ? /^$/ : /^NOT READ-ONLY: the server did not stop in order.* Delete the pod$/);
    });
  });
});
