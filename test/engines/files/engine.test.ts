import { createPrivateKey } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Result } from '../../core/scripts/sandbox';
import { FilesPod, WITH_PRIMARY } from './pod';
import { treeOf } from './tree';

// Plain files as the shared scripts know them (engine.sh), and how pods talk (peers.sh).

jest.setTimeout(120_000);
let pod: FilesPod;
beforeEach(() => {
  pod = new FilesPod(2);
});
afterEach(() => pod.dispose());

/** Another pod, which publishes this. */
function peer(ordinal: number, position: string, manifest = ''): void {
  pod.served(ordinal);
  pod.write(`stub/pods/orders-${ordinal}/published/position`, `${position}\nrun 0\n`);
  pod.write(
    `stub/pods/orders-${ordinal}/published/manifest`,
    `${position} ${manifest.split('\n').length - 1}\n${manifest}`,
  );
}
const one = async (script: string): Promise<string> =>
  (await pod.run(`if ${script}; then :; else echo "fails"; fi`)).out.trim();

describe('asked of another pod:', () => {
  test('who it is', async () => {
    peer(1, 'documents 7 run');
    expect(await one('engine_identity "$(core_host_of 1)"')).toBe('documents');
    expect(await one('engine_identity "$(core_host_of 0)"')).toBe('fails');
  });

  test('how many bytes its files have', async () => {
    peer(1, 'documents 7 run', 'd 755 1 - a\nf 644 2:1000:x:y z a/b\nf 644 3:5000000000:x:y z c d\nl 777 9:9 - l\n');
    expect(await one('engine_size "$(core_host_of 1)"')).toBe('5000001000');
  });

  test('not of a list that has not come whole, nor a size that is none', async () => {
    peer(1, 'documents 7 run', 'f 644 2:1000:x:y z a\n');
    pod.write('stub/pods/orders-1/published/manifest', 'documents 7 run 2\nf 644 2:1000:x:y z a\n');
    expect(await one('engine_size "$(core_host_of 1)"')).toBe('fails');
  });

  test('where it has come to', async () => {
    peer(1, 'documents 7 run');
    pod.write('stub/pods/orders-1/signs/detached', 'whole\n');
    expect(await one('engine_replayed_position "$(core_host_of 1)"')).toBe('documents 7 run whole');
    expect(await one('engine_replayed_position "$(core_host_of 0)"')).toBe('still receives from a orders-0\nfails');
    pod.write('stub/pods/orders-1/published/position', '');
    expect(await one('engine_replayed_position "$(core_host_of 1)"')).toBe('fails');
    expect(await one('engine_identity "$(core_host_of 1)"')).toBe('fails');
  });

  test('from whom it still receives, before it has settled', async () => {
    peer(1, 'documents 7 run');
    pod.write('stub/pods/orders-1/signs/takes-from', '10.1.2.3\n');
    expect(await one('engine_replayed_position "$(core_host_of 1)"')).toBe('still receives from 10.1.2.3\nfails');
    pod.write('stub/pods/orders-1/signs/takes-from', '$(id)\n');
    expect(await one('engine_replayed_position "$(core_host_of 1)"')).toBe('still receives from a orders-0\nfails');
  });

  test.each([
    'documents -1 run',
    'documents x run',
    'documents 7',
    'documents 7 run more',
    'documents 7 $(id)',
    'a[$(id)] 7 run',
    `${'d'.repeat(65)} 7 run`,
    'documents 9999999999999999999 run',
    '',
  ])('a position that is none is not taken: %j', async (position) => {
    peer(1, position);
    pod.write('stub/pods/orders-1/signs/detached', 'whole\n');
    expect(await one('engine_replayed_position "$(core_host_of 1)"')).toBe('fails');
    expect(await one('engine_identity "$(core_host_of 1)"')).toBe('fails');
    expect(await one('read_their_position "$(core_host_of 1)" "$state/position"')).toBe('fails');
  });

  test.each([
    ['run x', false],
    ['run 1 1', false],
    ['$(id) 1', false],
    ['run 1', true],
  ])('nor one with a history that is none: %j', async (line, expected) => {
    peer(1, 'documents 7 run');
    pod.write('stub/pods/orders-1/published/position', `documents 7 run\n${line}\n`);
    expect(await one('read_their_position "$(core_host_of 1)" "$state/position"')).toBe(expected ? '' : 'fails');
  });

  describe('whether it has all that another has:', () => {
    // It has come to 12 of run C, which began at 9; before there were A and B, which began at 1 and 5.
    const has = async (other: string, position = 'documents 12 C whole'): Promise<string> => {
      pod.served(1);
      pod.write('stub/pods/orders-1/published/position', 'documents 12 C\nA 1\nB 5\nC 9\n');
      return (
        await pod.run(
          `status=0; engine_has_all_of "$(core_host_of 1)" '${position}' '${other}' || status=$?; echo "$status"`,
        )
      ).out.trim();
    };

    test.each([
      ['the same', 'documents 12 C whole', '0'],
      ['an earlier mark', 'documents 10 C whole', '0'],
      ['a later mark', 'documents 13 C whole', '1'],
      ['one of a former run, from before the next began', 'documents 7 B whole', '0'],
      ['one of a former run that went on by itself', 'documents 11 B whole', '1'],
      ['a lower one of a run that it does not know, as of a volume that was restored', 'documents 2 X whole', '1'],
      ['other files', 'pictures 3 A whole', '1'],
      ['the same, but for a change that a crash or a person has left there', 'documents 12 C doubtful', '0'],
      ['no position', 'documents $(id) C whole', '2'],
      ['no position at all', '', '2'],
    ])('%s', async (_, other, expected) => {
      expect(await has(other)).toBe(expected);
    });

    test("not where its own files may have been changed by hand, and the other's were not", async () => {
      expect(await has('documents 12 C whole', 'documents 12 C doubtful')).toBe('1');
      expect(await has('documents 12 C doubtful', 'documents 12 C doubtful')).toBe('0');
      expect(await has('documents 10 C whole', 'documents 12 C doubtful')).toBe('0');
    });

    test('no one knows where it has moved since, or does not answer', async () => {
      expect(await has('documents 10 C whole', 'documents 11 C whole')).toBe('2');
      pod.remove('stub/pods/orders-1');
      expect(
        (
          await pod.run(
            'status=0; engine_has_all_of "$(core_host_of 1)" "documents 12 C whole" "documents 10 C whole" || status=$?; echo "$status"',
          )
        ).out,
      ).toBe('2\n');
    });
  });

  test('that it has another key', async () => {
    pod.served(1);
    pod.write('stub/pods/orders-1/stranger/x', '');
    expect(await one('{ ! read_from "$(core_host_of 1)" published/position; } && is_stranger')).toBe('');
  });

  test('a server that is stuck is not waited for long, nor asked by many connections', async () => {
    pod.program('rclone', 'case $1 in obscure) cat ;; *) echo "$@" >>"$STUB/calls" ;; esac');
    pod.program('timeout', 'echo "within $1" >>"$STUB/calls"; shift; exec "$@"');
    await pod.run('read_from "$(core_host_of 1)" published/position');
    expect(pod.calls).toEqual([
      'within 5',
      expect.stringMatching(
        /^--user-agent look-by-orders-2 --contimeout 2s --timeout 10s --low-level-retries 1 --retries 1 cat peer,host="orders-1.orders.shop.svc.cluster.local.":published\/position$/,
      ),
    ]);
  });
});

describe('a copy', () => {
  const COPY = 'engine_copy "$(core_host_of 1)" "$volume/incoming"';
  const SOURCE = `
    below=$STUB/pods/orders-1; mkdir -p "$below"
    change 'mkdir -m 750 a; echo 1 >a/b; chmod 640 a/b; ln -s a l'; publish_all; cp -a "$primary/files" "$primary/published" "$below"`;
  const incoming = (): string[] => treeOf(join(pod.folder, 'volume', 'incoming', 'files'));

  test('has the files, the manifest and the position of its source', async () => {
    pod.served(0);
    await pod.does(`${WITH_PRIMARY}${SOURCE}\n${COPY}`);
    expect(incoming()).toEqual(['folder 750 "a"', 'file 640 "a/b": 1\n', 'link "l" to "a"']);
    for (const file of ['position', 'manifest']) {
      expect(pod.read(`volume/incoming/published/${file}`).split('\n').sort()).toEqual(
        pod.read(`stub/pods/orders-1/published/${file}`).split('\n').sort(),
      );
    }
    expect(readdirSync(join(pod.folder, 'volume', 'incoming', 'published')).sort()).toEqual(['manifest', 'position']);
  });

  test("is one copy in the source's log, and tells its name to no one else", async () => {
    pod.served(0);
    await pod.does(`${WITH_PRIMARY}${SOURCE}\n: >"$STUB/calls"; ${COPY}`);
    expect(new Set(pod.calls.map((call) => call.replace(/^.* as /, ''))).size).toBe(1);
    expect(pod.calls.every((call) => /host="orders-1\..* as copy-\d+$/.test(call))).toBe(true);
  });

  test('is made again where the source changed meanwhile, until it has all', async () => {
    pod.served(0);
    pod.executable(
      'stub/hook',
      'if [ -e "$STUB/second" ]; then echo 1 >"$STUB/pods/orders-1/files/a/b"; else touch "$STUB/second"; echo torn >"$STUB/pods/orders-1/files/a/b"; fi',
    );
    await pod.does(`${WITH_PRIMARY}${SOURCE}\nmv "$STUB/hook" "$STUB/before-copy"; ${COPY}`);
    expect(incoming()).toContain('file 640 "a/b": 1\n');
  });

  test('fails where it never has all, and says which is missing', async () => {
    pod.patience = 60_000; // ten attempts
    pod.served(0);
    const { log } = await pod.does(
      `${WITH_PRIMARY}${SOURCE}\npause() { sleep 0.05; }; echo torn >"$below/files/a/b"; if ${COPY}; then exit 1; fi`,
    );
    expect(log).toContain("1 of 1 files could not be copied from orders-1, 'a/b' for one: it was changed meanwhile");
    expect(pod.has('volume/incoming/published/position')).toBe(false);
  });

  test('fails where the manifest does not come whole', async () => {
    pod.served(0);
    await pod.does(
      `${WITH_PRIMARY}${SOURCE}\npause() { sleep 0.05; }; manifest=$below/published/manifest; head -n -1 "$manifest" >"$state/part"; mv "$state/part" "$manifest"; if ${COPY}; then exit 1; fi`,
    );
    expect(incoming()).toEqual([]);
    expect(pod.has('volume/incoming/published/position')).toBe(false);
  });

  test('fails where the source does not answer', async () => {
    expect((await pod.run(`pause() { sleep 0.05; }; ${COPY}`)).status).not.toBe(0);
  });

  test('is not taken while the manifest is of another mark than the position', async () => {
    pod.served(0);
    const result = await pod.run(
      `use_data "$volume"\n${WITH_PRIMARY}${SOURCE}\npause() { sleep 0.05; }; sed -i '1s/ 1 / 2 /' "$below/published/position"; ${COPY}`,
    );
    expect(result.status).not.toBe(0);
    expect(pod.calls.filter((call) => call.startsWith('copy ') && call.includes('orders-1'))).toEqual([]);
  });

  test('is made of a source that could not get all the primary had: of what it has', async () => {
    pod.served(0);
    await pod.does(`${WITH_PRIMARY}${SOURCE}
      sum=$(md5sum <"$below/files/a/b" | cut -c -32); sed -i "s|^f .* a/b$|f 640 ? $sum a/b|" "$below/published/manifest"; ${COPY}`);
    expect(incoming()).toContain('file 640 "a/b": 1\n');
    expect(pod.read('volume/incoming/published/manifest')).toMatch(/^f 640 \? [0-9a-f]{32} a\/b$/m);
  });

  test("that becomes the primary's need not be read again when that starts", async () => {
    pod.served(0);
    const { out } = await pod.does(`${WITH_PRIMARY}${SOURCE}
      date() { echo 4070908800; } # it took its time
      engine_recover "$(core_host_of 1)" "$volume/incoming"
      unpack "$published/manifest" >"$work/own"; scan; entries "$work/to-read"; cmp "$work/own" "$work/scan" && echo the same`);
    expect(out).toBe('the same\n');
  });

  test("that becomes the primary's begins another run, which its history tells", async () => {
    pod.served(0);
    await pod.does(`${WITH_PRIMARY}${SOURCE}\nengine_recover "$(core_host_of 1)" "$volume/incoming"`);
    const [first, ...history] = pod.read('volume/incoming/published/position').split('\n');
    expect(first).toMatch(/^documents 1 [-0-9a-f]{36}$/);
    expect(history).toEqual([
      ...pod.read('stub/pods/orders-1/published/position').split('\n').slice(1, -1),
      `${first.split(' ')[2]} 1`,
      '',
    ]);
    expect(pod.read('volume/incoming/published/manifest').split('\n')[0]).toBe(`${first} 3`);
  });

  test("that becomes the primary's is open to the application, by its group", async () => {
    pod.served(0);
    await pod.does(`${WITH_PRIMARY}${SOURCE}\nengine_recover "$(core_host_of 1)" "$volume/incoming"`);
    const mode = (path: string): string =>
      (lstatSync(join(pod.folder, 'volume', 'incoming', 'files', path)).mode & 0o7777).toString(8);
    expect(['.', 'a', 'a/b'].map(mode)).toEqual(['2775', '2770', '660']);
  });
});

describe('a volume without its folder of files', () => {
  const prepare = async (ordinal: number, { first = ':', script = 'prepare.sh' } = {}): Promise<Result> => {
    await pod.dispose();
    pod = new FilesPod(ordinal);
    pod.write('volume/current/published/position', 'documents 3 A\n');
    await pod.run(first);
    return pod.run(script);
  };

  test.each(['prepare.sh', 'run.sh'])(
    "is the primary's no more: an empty one would be made in its place, and published: %s",
    async (script) => {
      const { status, log } = await prepare(0, { script });
      expect(status).toBe(1);
      expect(log.at(-1)).toMatch(
        /^LOST: the folder current\/files of this volume is gone\..* delete the pod and PVC of orders-0/,
      );
      expect(pod.list('volume/current')).toEqual(['published']);
    },
  );

  test("is a replica's still, which gets them back", async () => {
    expect(await prepare(1)).toMatchObject({ status: 0, log: [] });
    expect(pod.list('volume/current')).toEqual(['files', 'published']);
  });

  test('is another matter than a folder without files', async () => {
    expect(await prepare(0, { first: 'mkdir "$volume/current/files"' })).toMatchObject({ status: 0, log: [] });
  });
});

test('new data has an identity of its own, and a folder that the application may write to', async () => {
  await pod.does(
    'engine_initialise "$volume/one"; engine_initialise "$volume/other"; engine_identity_of_files "$volume/one" >"$state/identity"',
  );
  const position = pod.read('volume/one/published/position');
  expect(position).toMatch(/^[-0-9a-f]{36} 0 none\n$/);
  expect(pod.read('volume/one/published/manifest')).toBe(position.replace('\n', ' 0\n'));
  expect(pod.read('volume/other/published/position')).not.toBe(position);
  expect(pod.read('state/identity').trim()).toBe(position.split(' ')[0]);
  expect((lstatSync(join(pod.folder, 'volume', 'one', 'files')).mode & 0o7777).toString(8)).toBe('2775');
});

describe('passwords', () => {
  /** What a server of SSH shows to anyone who connects, with its public key in it, whose bytes count from 0. */
  const HELLO = `'\\000\\000\\0003\\000\\000\\000\\013ssh-ed25519\\000\\000\\000 ${Array.from({ length: 32 }, (_, i) => `\\${i.toString(8).padStart(3, '0')}`).join('')}more'`;
  const PUBLIC = `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), Buffer.from(Array.from({ length: 32 }, (_, i) => i))]).toString('base64')}`;
  const withKeys = async (script: string, password = 'another'): Promise<string> => {
    pod.program('perl', `cat >"$STUB/said"; printf ${HELLO}`);
    pod.write('credentials/replication-password', password);
    return (await pod.run(script)).out;
  };

  test('become a key, by which pods know one another, and go to no one', async () => {
    const out = await withKeys(
      'cat "$RCLONE_CONFIG_PEER_KEY_FILE" "$RCLONE_CONFIG_PEER_KNOWN_HOSTS_FILE" "$keys/authorized-keys"; env | grep -c another || true',
    );
    expect(out.split('\n').slice(0, -1)).toEqual([
      '-----BEGIN PRIVATE KEY-----',
      expect.stringMatching(/^MC4CAQAwBQYDK2VwBCIEI[A-Za-z0-9+/]{43}$/),
      '-----END PRIVATE KEY-----',
      `[*]:1 ${PUBLIC}`,
      PUBLIC,
      '0',
    ]);
    expect(pod.calls.filter((call) => call.includes('another'))).toEqual([]);
  });

  test('become the same one in every pod, another of another password or in another set, and one that a private key of that kind is', async () => {
    const key = async (password: string): Promise<string> => withKeys('cat "$keys/key"', password);
    const keys = [await key('another'), await key('one more')];
    await pod.dispose();
    pod = new FilesPod(1);
    expect([await key('another'), await key('one more')]).toEqual(keys);
    expect(new Set(keys).size).toBe(1); // the stand-in's `cryptdecode` gives the same for each
    expect(createPrivateKey(keys[0]).asymmetricKeyType).toBe('ed25519');
  });

  test('the question for the public half is one of SSH', async () => {
    await withKeys(':');
    const said = readFileSync(join(pod.folder, 'stub', 'said'));
    expect(said.subarray(0, 13).toString()).toBe('SSH-2.0-key\r\n');
    expect(said.readUInt32BE(13)).toBe(0x9c); // the first packet; the second comes after it, and ends with all
    expect(said.readUInt32BE(13 + 4 + 0x9c)).toBe(said.length - (13 + 4 + 0x9c) - 4);
    expect(said.subarray(19, 35)).toEqual(Buffer.alloc(16));
  });

  test('a key that could not be made ends the script, which says why', async () => {
    pod.program('perl', 'exit 1');
    pod.write('credentials/replication-password', 'another');
    expect((await pod.run('echo not reached')).log).toEqual([
      expect.stringMatching(/^the key of the set could not be made; .*listening on/),
    ]);
  });

  test('an empty one would let everybody in', async () => {
    pod.write('credentials/replication-password', '');
    expect(await pod.run('echo not reached')).toMatchObject({
      status: 1,
      out: '',
      log: ['the Secret has no replication-password, or an empty one: give it a value'],
    });
  });

  test('one that has changed is seen', async () => {
    expect(await one('passwords_changed')).toBe('fails');
    // The kubelet writes a folder again and lets ..data name it.
    expect(
      await one(
        '{ touch -d "1 hour" "$credentials/..data" 2>/dev/null || touch -d 2099-01-01 "$credentials/..data"; passwords_changed; }',
      ),
    ).toBe('');
  });
});

describe('tools', () => {
  test('a lock is held by who took it, and by all that it starts', async () => {
    const holder = pod.start('try_lock "$volume/lock"; sleep 30 & log held; wait');
    await holder.logs('held');
    expect(await one('try_lock "$volume/lock"')).toBe('fails');
    holder.tell('SIGKILL'); // what it started goes on
    expect(await one('try_lock "$volume/lock"')).toBe('fails');
    holder.kill('SIGKILL');
    await holder.ended;
    expect(await one('try_lock "$volume/lock"')).toBe('');
  });

  test('a script can hold several, and wait for one', async () => {
    const holder = pod.start('try_lock "$volume/lock"; log held; sleep 30');
    await holder.logs('held');
    const waiter = pod.start(
      'try_lock "$state/running"; try_lock "$volume/lock" || { log waits; wait_lock; }; log has it; sleep 30',
    );
    await waiter.logs('waits');
    expect(waiter.log).not.toContain('has it');
    const other = pod.start('log begins; await_unlocked "$state/running"; log free');
    await other.logs('begins');
    holder.kill('SIGKILL');
    await waiter.logs('has it');
    expect(other.log).not.toContain('free');
    waiter.kill('SIGKILL');
    await other.logs('free');
  });

  test('a pod that waits tells its line', async () => {
    const script = pod.start('serve_status "empty orders"');
    await pod.until('it serves', () => pod.calls.length > 0, script);
    expect(pod.calls).toEqual([`serve ${join(pod.folder, 'state', 'answer')}`]);
    expect(pod.read('state/answer/line')).toBe('empty orders\n');
    script.tell('SIGTERM'); // it has become the server: nothing stays behind
    expect((await script.ended).signal).toBe('SIGTERM');
  });

  test("anyone who hears it, hears the line; a server's silence; or no one", async () => {
    pod.served(0);
    pod.served(1);
    pod.write('stub/pods/orders-1/line', 'empty orders\n');
    expect(await one('probe_peer "$(core_host_of 1)"')).toBe('connected empty orders');
    expect(await one('probe_peer "$(core_host_of 0)"')).toBe('connected');
    expect(await one('probe_peer "$(core_host_of 3)"')).toBe('fails');
  });

  test('a signal ends a pause', async () => {
    const script = pod.start('trap "log told; exit 0" TERM; log sleeps; pause 30');
    await script.logs('sleeps');
    script.tell('SIGTERM');
    expect((await script.ended).log).toEqual(['sleeps', 'told']);
  });
});
