import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { PUT_SECRET, Result, Sandbox } from '../../core/scripts/sandbox';

const sandboxes: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(sandboxes.splice(0).map((sandbox) => sandbox.dispose()));
});

// certificates.sh with the real openssl, in pods of their own.
async function pod(
  ordinal: number,
  password: string,
  script = 'make_keys',
): Promise<{ sandbox: Sandbox; result: Result }> {
  const sandbox = new Sandbox(
    ordinal,
    { replication_user: 'replicator', user: 'app', database: 'shop' },
    { scriptsOf: 'mysql', and: 'mysql-common' },
  );
  sandboxes.push(sandbox);
  sandbox.write('credentials/replication-password', password);
  return { sandbox, result: await sandbox.run(script) };
}
const file = (sandbox: Sandbox, name: string): string => sandbox.read(`state/certificates/${name}`);
const certificate = (sandbox: Sandbox, name: string): X509Certificate => new X509Certificate(file(sandbox, name));

test('pods that have the password in common trust one another, and no one who has another', async () => {
  const [one, two, stranger] = await Promise.all([
    pod(0, 'it\'s "secret" \\'),
    pod(1, 'it\'s "secret" \\'),
    pod(0, 'guess'),
  ]);
  for (const { result } of [one, two, stranger]) expect(result).toMatchObject({ status: 0, log: [] });
  const server = certificate(one.sandbox, 'server.pem');
  for (const [{ sandbox }, trusted] of [
    [two, true],
    [stranger, false],
  ] as const) {
    const authority = certificate(sandbox, 'ca.pem');
    expect(server.verify(authority.publicKey)).toBe(trusted);
  }
  const [ca, leaf] = ['ca.pem', 'server.pem'].map(
    (name, index) => `${[two, one][index].sandbox.folder}/state/certificates/${name}`,
  );
  expect(execFileSync('openssl', ['verify', '-CAfile', ca, leaf]).toString()).toContain('OK');
  expect(server.subjectAltName).toBe('DNS:orders-0.orders.shop.svc.cluster.local, DNS:localhost');
  expect(file(one.sandbox, 'stretched')).toBe(file(two.sandbox, 'stretched'));
  expect(file(one.sandbox, 'server-key.pem')).not.toBe(file(two.sandbox, 'server-key.pem'));
});

test('they are valid whatever the clocks of the nodes say, and for no one else to read', async () => {
  const { sandbox } = await pod(
    0,
    'secret',
    'make_keys; stat -c "%a %n" "$certificates"/*key* "$certificates/stretched" | sed "s|/.*/||"',
  );
  for (const name of ['ca.pem', 'server.pem']) {
    expect(new Date(certificate(sandbox, name).validFrom).getUTCFullYear()).toBe(2020);
    expect(new Date(certificate(sandbox, name).validTo).getUTCFullYear()).toBe(2120);
  }
  expect(sandbox.list('state/certificates').sort()).toEqual([
    'ca.pem',
    'made',
    'server-key.pem',
    'server.pem',
    'stretched',
  ]);
  expect(sandbox.list('state')).toEqual(['certificates']);
});

test('are made once a password: the other containers of the pod find them', async () => {
  const { sandbox, result } = await pod(
    0,
    'secret',
    `
    make_keys; first=$(<"$certificates/server.pem")
    make_keys; [[ $(<"$certificates/server.pem") == "$first" ]] && echo same
    echo other >"$credentials/replication-password"; make_keys; [[ $(<"$certificates/server.pem") == "$first" ]] || echo another`,
  );
  expect(result.out).toBe('same\nanother\n');
  expect(sandbox.list('state')).toEqual(['certificates']);
});

test('are made again before a question, where the Secret has changed since: a pod may wait for long', async () => {
  const { result } = await pod(
    0,
    'secret',
    `
    ${PUT_SECRET}; put one secret; core_hold_secret; make_keys; first=$(<"$certificates/stretched"); mysql() { :; }; timeout() { :; }
    query x y; [[ $(<"$certificates/stretched") == "$first" ]] && echo same
    put two other; touch -d 2020-01-01 "$credentials/two"; query x y; [[ $(<"$certificates/stretched") == "$first" ]] || echo another`,
  );
  expect(result.out).toBe('same\nanother\n');
});

test('a guess at the password takes hundreds of thousands of hashes', async () => {
  const { result } = await pod(
    0,
    'secret',
    'openssl() { [[ $1 != enc ]] || echo "$*" >&2; command openssl "$@"; }; make_keys; true',
  );
  expect(result.status).toBe(0);
  expect((await pod(0, 'secret', 'type make_keys')).result.out).toContain('-pbkdf2 -md sha256 -iter 600000');
});

test('what fails is said, and leaves nothing half made', async () => {
  const { sandbox, result } = await pod(
    0,
    'secret',
    'openssl() { echo "no such curve" >&2; return 1; }; make_keys || exit 9',
  );
  expect(result).toMatchObject({ status: 9, log: ['could not create the certificates: no such curve'] });
  expect(sandbox.list('state')).toEqual([]);
});
