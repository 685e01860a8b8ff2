import { once } from 'node:events';
import { AddressInfo, createServer } from 'node:net';
import { freePort, Sandbox } from './sandbox';

let sandbox: Sandbox;
afterEach(() => sandbox.dispose());

/** Long enough for a probe that does not wait to have ended. */
const aWhile = (): Promise<unknown> => sandbox.run('for i in 1 2 3 4 5; do pause; done');

test('started-server.sh answers when the port is open, and not before, and leaves the sign that Kubernetes knows', async () => {
  const port = await freePort();
  sandbox = new Sandbox(0, { port: String(port) });
  const probe = sandbox.start('started-server.sh');
  await aWhile();
  expect(probe.process.exitCode).toBeNull();
  expect(sandbox.list('state')).toEqual([]);
  const server = createServer((socket) => socket.on('error', () => undefined)).listen(port, '127.0.0.1');
  try {
    expect(await probe.ended).toMatchObject({ status: 0, log: [], out: '' });
    expect(sandbox.list('state')).toEqual(['port-open']);
  } finally {
    server.close();
  }
});

test('started-server.sh answers at once where the port is open', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined).end('empty orders\n')).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  sandbox = new Sandbox(0, { port: String((server.address() as AddressInfo).port) });
  try {
    expect((await sandbox.run('started-server.sh')).status).toBe(0);
  } finally {
    server.close();
  }
});

test('started-sync.sh answers when the sidecar says ready', async () => {
  sandbox = new Sandbox(0);
  const probe = sandbox.start('started-sync.sh');
  await aWhile();
  expect(probe.process.exitCode).toBeNull();
  sandbox.write('state/ready', '');
  expect(await probe.ended).toMatchObject({ status: 0, log: [], out: '' });
  expect(sandbox.list('state')).toEqual(['ready']); // that Kubernetes knows is the readiness probe's to say
});
