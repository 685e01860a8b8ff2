import { once } from 'node:events';
import { AddressInfo, createServer, Server } from 'node:net';
import { freePort, hear, Sandbox, Script } from './sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

describe('core_bootstrap', () => {
  // What each ordinal answers is in a file, so that it can change while the script looks.
  const fill =
    '. "$scripts/volume.sh"; . "$scripts/bootstrap.sh"; core_peer_ordinals() { ls "$STUB/asked"; }; core_peer_state() { next "$STUB/asked/$1"; }; core_bootstrap';

  function start(answers: string[], settings: { [name: string]: string } = {}, engine = ''): Script {
    sandbox = new Sandbox(0, settings, engine);
    answers.forEach((answer, i) => sandbox.write(`stub/asked/${i + 1}`, `${answer}\n`));
    return sandbox.start(fill);
  }
  const answer = (ordinal: number, text: string): void => sandbox.write(`stub/asked/${ordinal}`, `${text}\n`);
  const data = (): string => sandbox.read('volume/current/rows');

  const waitingFor = (pods: string, first: string): string =>
    `this volume is empty; waiting for ${pods} to report whether it has data: nothing is created before all pods have answered. ` +
    `If a pod cannot start, see 'kubectl describe pod ${first}'. Lower 'replicas' only if the removed pods never held data: ` +
    'otherwise a new database is created without looking for theirs';
  const untouched = (): void => {
    expect(sandbox.list('volume')).toEqual([]);
    expect(sandbox.calls).toEqual([]);
  };

  test('makes a new database when all are empty', async () => {
    expect(await start(['empty', 'empty']).ended).toMatchObject({
      status: 0,
      log: ['no ordinal holds data: initialising a new database', 'initialised'],
    });
    expect(sandbox.calls).toEqual(['initialise']);
    expect(sandbox.list('volume')).toEqual(['current']);
    expect(data()).toBe('none\n');
  });

  test('of a single pod, too', async () => {
    sandbox = new Sandbox(0);
    expect((await sandbox.run(fill.replace('ls "$STUB/asked"', ':'))).log).toContain('initialised');
  });

  test('waits for one that is silent, says for whom, and goes on when it has answered', async () => {
    const script = start(['empty', 'silent']);
    await script.logs(waitingFor('orders-2', 'orders-2'));
    untouched();
    answer(1, 'silent');
    await script.logs(waitingFor('orders-1 orders-2', 'orders-1'));
    untouched();
    answer(1, 'empty');
    answer(2, 'empty');
    const { log } = await script.ended;
    expect(log.slice(0, 2)).toEqual([waitingFor('orders-2', 'orders-2'), waitingFor('orders-1 orders-2', 'orders-1')]);
    expect(log.slice(-2)).toEqual(['no ordinal holds data: initialising a new database', 'initialised']);
  });

  test('does not take data for lost while one is silent: it may be the most advanced', async () => {
    const script = start(['holding', 'silent']);
    sandbox.peer(1, { identity: 'a', rows: 'one', position: 'a 10' });
    await script.logs(waitingFor('orders-2', 'orders-2'));
    untouched();
    sandbox.peer(2, { identity: 'a', rows: 'two', position: 'a 11' });
    answer(2, 'holding');
    expect((await script.ended).log.slice(-2)).toEqual([
      'the data of orders-0 is lost: recovering from orders-2, which has all that the others have (a 11)',
      'recovered from orders-2 at a 11',
    ]);
    expect(data()).toBe('two\n');
  });

  test.each([
    ['the first', ['a 12', 'a 11', 'a 10'], 1],
    ['the last', ['a 10', 'a 11', 'a 12'], 3],
    ['the middle', ['a 10', 'a 12', 'a 11'], 2],
    ['the lower of two that are equal', ['a 10', 'a 12', 'a 12'], 2],
  ])('recovers from the most advanced: %s', async (_, positions, best) => {
    const script = start(positions.map(() => 'silent'));
    positions.forEach((position, i) => sandbox.peer(i + 1, { identity: 'a', rows: `of ${i + 1}`, position }));
    positions.forEach((_position, i) => answer(i + 1, 'holding'));
    expect((await script.ended).status).toBe(0);
    expect(sandbox.calls).toEqual([`recover orders-${best}`]);
    expect(data()).toBe(`of ${best}\n`);
  });

  test('recovers from the one that holds data, though others are empty', async () => {
    const script = start(['silent', 'silent']);
    sandbox.peer(2, { identity: 'a', rows: 'two', position: 'a 1' });
    answer(2, 'holding');
    answer(1, 'empty');
    await script.ended;
    expect(sandbox.calls).toEqual(['recover orders-2']);
  });

  test('waits until all that is received is replayed, for what is not cannot be compared', async () => {
    const script = start(['holding', 'holding']);
    sandbox.peer(1, { identity: 'a', rows: 'one', position: 'a 10' });
    await script.logs(
      'the data of orders-0 is lost; waiting for orders-2 before recovering it: it has not applied all that it received. If a former orders-0 still runs',
    );
    untouched();
    sandbox.peer(2, { identity: 'a', rows: 'two', position: 'a 20' });
    await script.ended;
    expect(data()).toBe('two\n');
  });

  test('never while a replica is still fed by a former primary, and says by whom', async () => {
    const script = start(
      ['holding', 'holding'],
      {},
      `
      engine_replayed_position() { if [ -e "$STUB/fed" ] && [ "\${1#orders-2}" != "$1" ]; then echo still receives from 10.1.2.3; return 1; fi; peer "$1" position; }`,
    );
    sandbox.write('stub/fed', '');
    sandbox.peer(1, { identity: 'a', rows: 'one', position: 'a 10' });
    sandbox.peer(2, { identity: 'a', rows: 'two', position: 'a 20' });
    await script.logs(
      'waiting for orders-2 before recovering it: it still receives from 10.1.2.3. If a former orders-0 still runs on a node that does not answer, stop that node',
    );
    untouched();
    sandbox.remove('stub/fed');
    await script.ended;
    expect(data()).toBe('two\n');
  });

  test('does not use a copy where a replica got more meanwhile', async () => {
    const script = start(
      ['silent', 'silent'],
      {},
      `
      engine_recover() { note "recover \${1%%.*}"; mkdir "$2"; peer "$1" rows >"$2/rows"; [ "$(next "$STUB/outcome")" = first ] || return 0; echo "a 12" >"$STUB/peers/1/position"; }`,
    );
    sandbox.write('stub/outcome', 'first\nsecond\n');
    sandbox.peer(1, { identity: 'a', rows: 'one', position: 'a 10' });
    sandbox.peer(2, { identity: 'a', rows: 'two', position: 'a 11' });
    answer(1, 'holding');
    answer(2, 'holding');
    expect((await script.ended).log).toEqual(
      expect.arrayContaining([
        'not using the copy: orders-1 was at a 10 when it was begun, and now a 12; starting over',
        'recovered from orders-1 at a 12',
      ]),
    );
    expect(sandbox.calls).toEqual(['recover orders-2', 'recover orders-1']);
    expect(data()).toBe('one\n');
  });

  test.each([
    ['none has all of the others', ['a main 10', 'a other 3'], 'orders-1 at a main 10, orders-2 at a other 3'],
    [
      'one of three does not belong to the others',
      ['a main 10', 'a main 11', 'a other 20'],
      'orders-1 at a main 10, orders-2 at a main 11, orders-3 at a other 20',
    ],
  ])('changes nothing where the histories differ, whatever the numbers say: %s', async (_, positions, which) => {
    const script = start(positions.map(() => 'silent'));
    positions.forEach((position, i) => sandbox.peer(i + 1, { identity: 'a', rows: `of ${i + 1}`, position }));
    positions.forEach((_position, i) => answer(i + 1, 'holding'));
    await script.logs(
      `STOPPED: this volume is empty and the histories of the replicas differ: none has all that the others have (${which})`,
    );
    untouched();
  });

  test('waits where a replica does not say what it has', async () => {
    const script = start(['silent', 'silent'], {}, 'engine_has_all_of() { return 2; }');
    ['a 10', 'a 11'].forEach((position, i) => sandbox.peer(i + 1, { identity: 'a', position }));
    answer(1, 'holding');
    answer(2, 'holding');
    await script.logs('waiting for orders-1 to say whether it has all that orders-2 has');
    untouched();
  });

  test.each(['a', '', 'x[$(touch pwned)] 1', '$(id) 3'])('takes %j for no position', async (position) => {
    const script = start(['holding']);
    sandbox.peer(1, { identity: 'a', position });
    await script.logs(`orders-1 says that it stands at '${position}', which is not a position`);
    untouched();
  });

  test('makes no database next to the files of another installation, and goes on when they are gone', async () => {
    const script = start(['silent']);
    sandbox.write('volume/pgdata/PG_VERSION', '18\n');
    sandbox.write('volume/lost+found/x', '');
    answer(1, 'empty');
    await script.logs(
      'STOPPED: this volume holds files that this set did not write: pgdata. Nothing was changed and no database is created next to them.',
    );
    expect(sandbox.calls).toEqual([]);
    sandbox.remove('volume/pgdata');
    expect(await script.ended).toMatchObject({ status: 0 });
    expect(sandbox.calls).toEqual(['initialise']);
  });

  test('tells everybody who connects meanwhile that it recovers', async () => {
    const port = await freePort();
    const script = start(['silent'], { port: String(port) });
    await script.logs('waiting for orders-1');
    let heard = '';
    while (heard === '') heard = await hear(port).catch(() => '');
    expect(heard).toBe('recovering orders\n');
    answer(1, 'empty');
    expect((await script.ended).status).toBe(0);
    await expect(hear(port)).rejects.toThrow('ECONNREFUSED');
  });

  test('stops, if it shall, and says what to do', async () => {
    const script = start(['holding', 'holding'], { lost_primary: 'stop' });
    sandbox.peer(1, { identity: 'a', rows: 'one', position: 'a 10' });
    sandbox.peer(2, { identity: 'a', rows: 'two', position: 'a 11' });
    await script.logs(
      'STOPPED: this volume is empty but orders-1 orders-2 hold data. Nothing was changed. Restore the volume of orders-0, ' +
        "or set 'onPrimaryVolumeLoss: PrimaryVolumeLoss.RECOVER' to continue from the most advanced replica",
    );
    untouched();
    expect(script.process.exitCode).toBeNull();
  });

  test('makes a new database also where it shall stop when data is lost, if there is none', async () => {
    await start(['empty'], { lost_primary: 'stop' }).ended;
    expect(sandbox.calls).toEqual(['initialise']);
  });

  test.each([
    ['the first two', ['a 10', 'b 11', 'a 12'], 'a on orders-1, b on orders-2'],
    ['the last', ['a 10', 'a 11', 'b 5'], 'a on orders-1, b on orders-3'],
  ])('changes nothing when the data is of different origin: %s', async (_, positions, which) => {
    const script = start(positions.map(() => 'silent'));
    positions.forEach((position, i) => sandbox.peer(i + 1, { identity: position[0], position }));
    positions.forEach((_position, i) => answer(i + 1, 'holding'));
    await script.logs(
      `STOPPED: this volume is empty and the replicas hold data of different origin: ${which}. Nothing was changed. ` +
        'Delete the pod and PVC of the one that is not wanted',
    );
    untouched();
  });

  test('tries again, from the beginning, when the recovery fails', async () => {
    const script = start(
      ['silent'],
      {},
      `
      engine_recover() { note recover; mkdir "$2"; echo half >"$2/rows"; [ "$(next "$STUB/outcome")" = works ] && peer "$1" identity >"$2/identity"; }`,
    );
    sandbox.write('stub/outcome', 'fails\nworks\n');
    sandbox.peer(1, { identity: 'a', position: 'a 1' });
    answer(1, 'holding');
    expect((await script.ended).log).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^recovering from orders-1 failed .*retrying\. .*delete the pod and PVC of orders-1: the next best copy is then taken/,
        ),
        'recovered from orders-1 at a 1',
      ]),
    );
    expect(sandbox.calls).toEqual(['recover', 'recover']);
    expect(sandbox.list('volume/current')).toEqual(['identity', 'rows']);
  });

  test('ends when the new database cannot be made, and leaves nothing that looks like data', async () => {
    const result = await start(['empty'], {}, 'engine_initialise() { mkdir "$1"; return 1; }').ended;
    expect(result.status).toBe(1);
    expect(result.log.at(-1)).toContain('could not initialise the database');
    expect(sandbox.list('volume')).toEqual(['incoming']);
  });
});

describe('where the first data comes from elsewhere', () => {
  const source = { source_host: 'old-primary' };
  const fill = (answer: string): string =>
    `. "$scripts/volume.sh"; . "$scripts/bootstrap.sh"; core_peer_ordinals() { echo 1; }; core_peer_state() { echo ${answer}; }; core_bootstrap`;
  const imports = 'engine_import() { note import; mkdir "$1" && echo theirs >"$1/rows"; }';

  test('it is imported instead of a new database, once all are known to be empty', async () => {
    sandbox = new Sandbox(0, source, imports);
    const { status, log } = await sandbox.run(fill('empty'));
    expect([status, log]).toEqual([
      0,
      ['no ordinal holds data: importing that of old-primary', 'imported the data of old-primary'],
    ]);
    expect(sandbox.calls).toEqual(['import']);
    expect(sandbox.read('volume/current/rows')).toBe('theirs\n');
  });

  test('an import that was killed is begun from nothing', async () => {
    sandbox = new Sandbox(
      0,
      source,
      `engine_import() { [ ! -e "$1" ] || note rest; ${imports.slice(imports.indexOf('{') + 1)}`,
    );
    sandbox.write('volume/incoming/rows', 'half\n');
    await sandbox.run(fill('empty'));
    expect(sandbox.calls).toEqual(['import']);
    expect(sandbox.list('volume')).toEqual(['current']);
  });

  test('one that failed is no data, and says where to look', async () => {
    sandbox = new Sandbox(0, source, 'engine_import() { mkdir "$1"; return 1; }');
    const { status, log } = await sandbox.run(fill('empty'));
    expect(status).toBe(1);
    expect(log.at(-1)).toBe(
      'could not import the data of old-primary (see the error above). Nothing was changed there. The whole import is retried',
    );
    expect(sandbox.list('volume')).toEqual(['incoming']);
  });

  test("never where another ordinal holds data: that is the set's own, and newer", async () => {
    sandbox = new Sandbox(0, source, imports);
    sandbox.peer(1, { identity: 'a', rows: 'ours', position: 'a 1' });
    await sandbox.run(fill('holding'));
    expect(sandbox.calls).toEqual(['recover orders-1']);
    expect(sandbox.read('volume/current/rows')).toBe('ours\n');
  });

  test('nor while one is silent', async () => {
    sandbox = new Sandbox(0, source, imports);
    await sandbox.start(fill('silent')).logs('waiting for orders-1 to report whether it has data');
    expect(sandbox.calls).toEqual([]);
  });
});

describe('core_peer_ordinals', () => {
  test.each([
    ['as many as declared', '3', [], ['1', '2']],
    ['none of a single pod', '1', [], []],
    ['and those that somebody has added', '2', ['1', '2', '3', '5'], ['1', '2', '3']],
  ])('%s', async (_, replicas, there, expected) => {
    sandbox = new Sandbox(0);
    sandbox.write('config/replicas', `${replicas}\n`);
    const { out } = await sandbox.run(
      `. "$scripts/bootstrap.sh"; core_resolves() { case " ${there.join(' ')} " in *" $n "*) ;; *) return 1 ;; esac; }; core_peer_ordinals`,
    );
    expect(out.split('\n').slice(0, -1)).toEqual(expected);
  });
});

describe('core_peer_state', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function ask(port: number): Promise<string> {
    sandbox = new Sandbox(0, { port: String(port) });
    return (await sandbox.run('. "$scripts/bootstrap.sh"; core_host_of() { echo 127.0.0.1; }; core_peer_state 1')).out;
  }

  test.each([
    ['empty orders\n', 'empty'],
    ['copying orders\n', 'silent'],
    ['empty other\n', 'holding'],
    ['220 some database\n', 'holding'],
    ['', 'silent'], // hangs up at once: it is ending, say
  ])('one that says %j is %s', async (line, expected) => {
    server = createServer((socket) => socket.end(line)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    expect(await ask((server.address() as AddressInfo).port)).toBe(`${expected}\n`);
  });

  test('a database, which waits to be spoken to, is holding', async () => {
    server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    expect(await ask((server.address() as AddressInfo).port)).toBe('holding\n');
  });

  test('where no one listens it is silent', async () => {
    expect(await ask(await freePort())).toBe('silent\n');
  });
});
