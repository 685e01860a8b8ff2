import { Result, Sandbox } from '../../core/scripts/sandbox';
import { statements } from './statements';

/** What users.sh told the server of one of the two. */
export interface Told extends Result {
  readonly sandbox: Sandbox;
  /** Statement by statement; none where it told nothing. */
  readonly sql: string[];
}

/** How the test runs users.sh, where not as usual. */
export interface Given {
  readonly mode?: 'initial' | '';
  readonly passwords?: { readonly [key: string]: string };
  readonly settings?: { readonly [name: string]: string };
  /** What the client does, as shell text. */
  readonly client?: string;
  readonly environment?: { readonly [name: string]: string };
}

const PASSWORDS = {
  'superuser-password': 'super-secret',
  'replication-password': 'replication-secret',
  password: 'app-secret',
};
/**
 * It is asked with -e, computes hashes, and is told all else on its standard input. What our sessions set is left out
 * of what was called.
 */
const CLIENT = `args=
  for arg; do [[ $arg == --init-command=* ]] || args+="\${args:+ }$arg"; done
  case $args in
    *"SELECT id FROM"*) echo "$id"; echo "asks: $args" >>"$STUB/calls" ;;
    *@@partial_revokes*) echo "\${partial:-0}" ;;
    *)
      sql=$(cat)
      if [[ $sql == *"WITH RECURSIVE"* ]]; then
        printf '%s\\n' "$sql" >>"$STUB/hashed"
        printf '%s' "$sql" | sha256sum | cut -d' ' -f1 | tr a-f A-F
      else
        echo "$args ($MYSQL_PWD)" >>"$STUB/calls"
        printf '%s\\n' "$sql" >"$STUB/sql"
      fi ;;
  esac`;

/** Runs users.sh with a client of the test's, for a database of this identity. */
export async function tellUsers(
  engine: 'mysql' | 'mariadb',
  identity: string,
  { mode = '', passwords, settings, client = CLIENT, environment }: Given = {},
): Promise<Told> {
  const sandbox = new Sandbox(
    0,
    { replication_user: 'replicator', user: 'shop_app', database: 'shop', ...settings },
    { scriptsOf: engine, and: 'mysql-common' },
  );
  Object.entries({ ...PASSWORDS, ...passwords }).forEach(([key, password]) =>
    sandbox.write(`credentials/${key}`, password),
  );
  sandbox.write('state/certificates/stretched', 'AB'.repeat(32));
  sandbox.write(`stub/${engine}`, `#!/usr/bin/env bash\n${client}\n`);
  const result = await sandbox.run(
    `chmod +x "$STUB/${engine}"; PATH=$STUB:$PATH "$scripts/users.sh" ${mode} || exit $?`,
    { MYSQL_PWD: '', ...(mode === 'initial' ? { identity } : { id: identity }), ...environment },
  );
  const lines = sandbox.has('stub/sql') ? sandbox.read('stub/sql').split('\n').slice(0, -1) : [];
  return { ...result, sandbox, sql: statements(lines) };
}
