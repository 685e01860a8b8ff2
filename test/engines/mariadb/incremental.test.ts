import { Result, Sandbox } from '../../core/scripts/sandbox';

// Backups that hold only what changed. The donor is a program that answers by the certificate it is asked with. Keys
// are real ones.

const START = '0123456789abcdef0123456789abcdef';
/** Prints the name in the certificate that socat is called with. */
const NAME =
  'for word; do case $word in OPENSSL:*) cert=${word#*,cert=} ;; esac; done; openssl x509 -in "${cert%%,*}" -noout -subject -nameopt multiline | sed -n "s/.*commonName *= //p"';
const END = (kind: string): string =>
  `printf 'XBSTCK01\\0P\\10\\0\\0\\0complete${kind} ${START} 5000\\n'; printf 'XBSTCK01\\0E\\10\\0\\0\\0complete'`;

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

function run(donor: string, script: string, programs: { [name: string]: string } = {}): Promise<Result> {
  sandbox = new Sandbox(
    0,
    { replication_user: 'replicator', user: 'app', database: 'shop', copy_port: '4444', copy_scratch: '/nowhere' },
    { scriptsOf: 'mariadb', and: 'mysql-common' },
  );
  const socat = `name=$(${NAME})\necho "$name" >>"$STUB/asked"\n${donor}`;
  Object.entries({ socat, ...programs }).forEach(([name, does]) =>
    sandbox.write(`bin/${name}`, `#!/usr/bin/env bash\n${does}\n`),
  );
  return sandbox.run(`chmod +x "$STUB"/../bin/*; PATH=$STUB/../bin:$PATH
    mkdir -p "$state/copy" "$state/certificates" "$STUB/stage"
    . "$scripts/store.sh"
    facts=$STUB/facts stage=$STUB/stage copy_scratch=$STUB
    . "$scripts/engine-backup.sh"
    . "$scripts/engine-restore.sh"
    (cd "$certificates" && echo secret >stretched && write_keys 2>/dev/null)
    echo "4711 ${START}" >"$stage/parent"
    query() { echo 0-1-20; }
    pause() { :; }
    ${script}`);
}
const asked = (): string[] => sandbox.read('stub/asked').trim().split('\n');

describe('a backup of what changed', () => {
  const both =
    'engine_builds_on orders-2 - && engine_backup orders-2 "$stage/parent" - | tail -c 30 | tr -cd "[:print:]"';

  test('is asked for by certificates of the set, and is what the next one builds on', async () => {
    const { status, out, log } = await run(
      `case $name in which-start) echo ${START} ;; since-4711-${START}) ${END('changes')} ;; *) exit 1 ;; esac`,
      `${both}; cat "$stage/manifest"; openssl verify -CAfile "$certificates/ca.pem" "$certificates/changes.pem"`,
    );
    expect({ status, log }).toEqual({ status: 0, log: [] });
    expect(asked()).toEqual(['which-start', `since-4711-${START}`]);
    expect(out).toMatch(/5000XBSTCK01Ecomplete5000 0123456789abcdef0123456789abcdef\n.*changes\.pem: OK\n$/);
  });

  test.each([
    ['has been started again', 'echo ffffffffffffffffffffffffffffffff', /^orders-2 cannot tell what changed since/],
    [
      'knows no such question, and gives a copy',
      `head -c 100000 /dev/zero | tr '\\0' x`,
      /^orders-2 cannot tell what changed since/,
    ],
    ['does not answer', 'echo "E refused" >&2; exit 1', /^orders-2 does not say whether .*: E refused$/],
  ])('is none where the donor %s', async (_, donor, says) => {
    const { status, log } = await run(donor, 'engine_builds_on orders-2 - || exit 9');
    expect({ status, log }).toEqual({ status: 9, log: [expect.stringMatching(says)] });
  });

  test('is not asked of the primary where a replica can be copied', async () => {
    const ask = 'core_source=$1; engine_builds_on "$(core_host_of 0)" - && echo builds; true';
    const answers = `echo ${START}`;
    expect((await run(answers, `set -- 1; ${ask}`)).out).toBe('');
    expect((await run(answers, `set -- 0; ${ask}`)).out).toBe('builds\n');
  });

  test('a donor whose clock is behind answers a moment later', async () => {
    const donor = `[[ $(wc -l <"$STUB/asked") == 3 ]] && echo ${START}`;
    expect((await run(donor, 'engine_builds_on orders-2 -')).status).toBe(0);
  });

  test('that is a copy of all data is not taken for one', async () => {
    const donor = `case $name in which-start) echo ${START} ;; *) ${END('full')} ;; esac`;
    const { log } = await run(donor, `${both} || true; [[ ! -e $stage/manifest ]]`);
    expect(log).toEqual(['orders-2 gave another copy than it was asked for: full, and not changes']);
  });
});

describe('made one', () => {
  const folders = `cd "$STUB"; mkdir full one two; touch full/ibdata1; echo b >two/.my-healthcheck.cnf
    for f in full one two; do echo "binlog.000001 4 $f" >$f/mariadb_backup_binlog_info; done`;
  const prepare = 'echo "$*" >>"$STUB/calls"; echo done';

  test('in the order in which they were taken, with what is newest', async () => {
    const { status, out } = await run(
      '',
      `${folders}; engine_combine made full one two; ls -A; ls -A made; cat made/mariadb*`,
      {
        'mariadb-backup': prepare,
      },
    );
    expect({ status, out: out.split('\n').filter((name) => /^(made|full|one|two|ib|\.my|binlog)/.test(name)) }).toEqual(
      {
        status: 0,
        out: ['made', '.my-healthcheck.cnf', 'ibdata1', 'binlog.000001 4 two'],
      },
    );
    expect(sandbox.calls).toEqual([
      '--prepare --target-dir=full --incremental-dir=one',
      '--prepare --target-dir=full --incremental-dir=two',
    ]);
  });

  test('or nothing, and the log says why', async () => {
    const { status, out, log } = await run('', `${folders}; engine_combine made full one two || { ls; exit 9; }`, {
      'mariadb-backup': `${prepare}; [[ $* != *one* ]] || { echo "This target is not it"; exit 1; }`,
    });
    expect({ status, log }).toEqual({ status: 9, log: ['mariadb-backup says: This target is not it'] });
    expect(out).not.toContain('made');
  });

  test.each([
    [`full ${START} 1`, 'outgoing', 0, '--prepare'],
    [`full ${START} 1`, 'incoming', 0, '--prepare'],
    ['yes', 'incoming', 0, '--prepare'],
    [`changes ${START} 1`, 'outgoing', 0, undefined],
    [`changes ${START} 1`, 'incoming', 9, undefined],
  ])('a part (%s) is prepared only if it is a whole, and must be in a chain if not (%s)', async (...words) => {
    const [says, folder, status, prepared] = words;
    const result = await run(
      '',
      `core_outgoing=$STUB/outgoing; mkdir -p "$STUB/${folder}/x"; engine_restore "$STUB/${folder}/x" || exit 9`,
      {
        mbstream: `cd "$3" && echo "${says}" >complete`,
        'mariadb-backup': 'echo "$1" >>"$STUB/calls"',
      },
    );
    expect({ status: result.status, prepared: sandbox.calls[0] }).toEqual({ status, prepared });
  });
});
