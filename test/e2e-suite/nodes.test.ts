import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Nodes } from '../e2e/nodes';

// Nodes, with a kubectl and commands that only note what they were asked.

let folder: string;
const path = process.env.PATH;
const said = (): string[] => readFileSync(join(folder, 'said'), 'utf8').trim().split('\n');
const commands = (): { [variable: string]: string } =>
  Object.fromEntries(
    ['STOP', 'START', 'FREEZE', 'THAW', 'CUT', 'HEAL'].map((verb) => [
      `E2E_NODE_${verb}`,
      `${folder}/note ${verb.toLowerCase()}`,
    ]),
  );

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodes-'));
  const ready = JSON.stringify({
    metadata: {},
    spec: { taints: [] },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  for (const [name, script] of [
    ['note', 'echo "$*"'],
    ['kubectl', `echo "kubectl $*"; echo '${ready}' >&3`],
  ]) {
    writeFileSync(join(folder, name), `#!/bin/sh\nexec 3>&1 >>'${folder}/said'\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  process.env.PATH = `${folder}:${path}`;
});

afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

test('says which commands are missing for a fault, and refuses it', async () => {
  const { E2E_NODE_THAW, ...others } = commands();
  expect(E2E_NODE_THAW).toBeDefined();
  const nodes = new Nodes({ ...others, E2E_NODE_CUT: '', E2E_NODE_HEAL: undefined });
  expect(nodes.lacks('stop')).toBeUndefined();
  expect(nodes.lacks('freeze')).toBe('E2E_NODE_THAW is not set');
  expect(nodes.lacks('cut')).toBe('E2E_NODE_CUT and E2E_NODE_HEAL are not set');
  await expect(nodes.freeze('n1')).rejects.toThrow('E2E_NODE_THAW is not set');
});

test('brings back all that was done, the last first, and waits for the node only when nothing is left that keeps it away', async () => {
  const nodes = new Nodes(commands());
  await nodes.freeze('n1');
  await nodes.cut('n1');
  await nodes.cut('n2');
  await nodes.heal('n2');
  await nodes.bringAllBack();
  expect(said().filter((line) => !line.startsWith('kubectl'))).toEqual([
    'freeze n1',
    'cut n1',
    'cut n2',
    'heal n2',
    'heal n1',
    'thaw n1',
  ]);
  const asked = said().lastIndexOf('heal n1');
  expect(said()[asked + 1]).toBe('thaw n1');
  expect(said()[asked + 2]).toMatch(/^kubectl get node n1/);
  await nodes.bringAllBack();
  expect(said().filter((line) => line === 'thaw n1')).toHaveLength(1);
});

test('brings back a node also where the command that takes it away failed half way', async () => {
  const nodes = new Nodes({ ...commands(), E2E_NODE_FREEZE: 'false' });
  await expect(nodes.freeze('n1')).rejects.toThrow();
  await nodes.bringAllBack();
  expect(said()).toContain('thaw n1');
});
