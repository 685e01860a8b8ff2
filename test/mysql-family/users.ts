import { Result, Sandbox } from '../scripts/sandbox';

/** What users.sh told the server of one of the two. */
export interface Told extends Result {
  readonly sandbox: Sandbox;
  /** Line by line; none where it told nothing. */
  readonly sql: string[];
}

/** How the test runs users.sh, where not as usual. */
export interface Given {
  readonly mode?: 'initial' | '';
  readonly passwords?: { readonly [key: string]: string };
  readonly settings?: { readonly [name: string]: string };
  /** What the client does, as shell text. */
  readonly client?: string;
}

const PASSWORDS = { 'superuser-password': 'super-secret', 'replication-password': 'replication-secret', password: 'app-secret' };
/** It is asked for the identity with -e, and told all else on its standard input. */
const CLIENT = 'if [[ $* == *" -e "* ]]; then echo "$id"; echo "asks: $*" >>"$STUB/calls"; else echo "$* ($MYSQL_PWD)" >>"$STUB/calls"; cat >"$STUB/sql"; fi';

/** Runs users.sh with a client of the test's, for a database of this identity. */
export async function tellUsers(engine: 'mysql' | 'mariadb', identity: string, { mode = '', passwords, settings, client = CLIENT }: Given = {}): Promise<Told> {
  const sandbox = new Sandbox(0, { replication_user: 'replicator', user: 'shop_app', database: 'shop', ...settings }, { scriptsOf: engine, and: 'mysql-family' });
  Object.entries({ ...PASSWORDS, ...passwords }).forEach(([key, password]) => sandbox.write(`credentials/${key}`, password));
  sandbox.write(`stub/${engine}`, `#!/usr/bin/env bash\n${client}\n`);
  const result = await sandbox.run(`chmod +x "$STUB/${engine}"; PATH=$STUB:$PATH "$scripts/users.sh" ${mode} || exit $?`,
    { MYSQL_PWD: '', ...mode === 'initial' ? { identity } : { id: identity } });
  return { ...result, sandbox, sql: sandbox.has('stub/sql') ? sandbox.read('stub/sql').split('\n').slice(0, -1) : [] };
}
