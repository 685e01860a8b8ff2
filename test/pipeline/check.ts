import { deepStrictEqual } from 'node:assert';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../e2e/kubectl';
import { messageOf } from '../e2e/poll';
import { examplesOutput } from '../examples-output';
import { Manifest, parse, title } from '../manifests';
import { goRun, hasGo } from './go';

/**
 * `npm run check:pipeline`: what pipelines do with the examples before a cluster sees them. What they do on a cluster
 * is part of `npm run e2e`. It needs Go, for the tools' own code, and gets other versions of Node from the npm
 * registry.
 */
interface Check {
  readonly title: string;
  /** Throws if it does not hold. */
  run(folder: string): Promise<void>;
}

const REPOSITORY = join(__dirname, '..', '..');
/** The oldest that is supported, and the two long-term ones after it. */
const NODE_VERSIONS = ['20', '22', '24'];

const helm: Check = {
  title: 'cdk8s synth --format helm, rendered by Helm, gives the same objects',
  async run(folder) {
    const chart = ['synth', '--no-check-upgrade', '--format', 'helm', '--chart-version', '0.1.0', '--output', folder];
    await run(join(REPOSITORY, 'node_modules/.bin/cdk8s'), chart, undefined, {
      cwd: REPOSITORY,
      environment: { CI: 'true' },
    });
    const plain = [...(await examplesOutput()).values()].join('---\n');
    deepStrictEqual(objectsOf(await goRun('helm', [folder])), objectsOf(plain));
  },
};

/** Done here, as it takes a minute on a new machine, and while `.ci/run` waits for its cluster. */
const health: Check = {
  title: 'what Argo CD and Flux say of a cluster can be built, for npm run e2e',
  async run() {
    deepStrictEqual([await goRun('argo-cd', ['health']), await goRun('flux', [])], ['', '']);
  },
};

/** In another folder, too: a copy of the repository, built from elsewhere. */
function nodeVersion(version: string): Check {
  return {
    title: `Node ${version} in another folder gives the same output, byte for byte`,
    async run(folder) {
      for (const part of ['lib', 'examples', 'package.json', 'tsconfig.json', 'cdk8s.yaml']) {
        cpSync(join(REPOSITORY, part), join(folder, part), { recursive: true });
      }
      symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
      const node = ['npx', '--yes', `--package=node@${version}`, '--', 'node'];
      deepStrictEqual((await run(node[0], [...node.slice(1), '--version'])).split('.')[0], `v${version}`);
      deepStrictEqual(await examplesOutput({ repository: folder, cwd: tmpdir(), node }), await examplesOutput());
    },
  };
}

function objectsOf(yaml: string): { [title: string]: Manifest } {
  return Object.fromEntries(parse(yaml).map((object) => [title(object), object]));
}

async function main(): Promise<void> {
  if (!(await hasGo())) {
    throw new Error('go is not installed, in which Helm, Argo CD and Flux are written: https://go.dev/dl');
  }
  for (const check of [helm, health, ...NODE_VERSIONS.map(nodeVersion)]) {
    const start = Date.now();
    const folder = mkdtempSync(join(tmpdir(), 'cdk8s-stateful-'));
    const outcome = await check.run(folder).then(
      () => 'ok',
      (error: unknown) => `FAILED: ${messageOf(error)}`,
    );
    rmSync(folder, { recursive: true });
    process.exitCode ||= outcome === 'ok' ? 0 : 1;
    console.log(`${check.title}: ${outcome}, ${((Date.now() - start) / 1000).toFixed(1)} s`);
  }
}

main().catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});
