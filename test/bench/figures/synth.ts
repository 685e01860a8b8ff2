import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { timed } from '../child';
import { Figure } from '../figure';

const REPOSITORY = resolve(__dirname, '../../..');
const TIMES = 3;

/** An app that costs nothing, so that what is left is npm and cdk8s' own command. */
const NOTHING = 'sh -c \'mkdir -p dist && echo "kind: Nothing" >dist/nothing.k8s.yaml\'';

/** An app that loads what every app loads and makes one object of it. */
const PLAIN = `import { ApiObject, App, Chart } from 'cdk8s';
import { Capability } from 'cdk8s-plus-28';
const app = new App();
new ApiObject(new Chart(app, 'plain'), 'it', { apiVersion: 'v1', kind: 'ConfigMap', data: { text: Capability.ALL } });
app.synth();
`;

/** `npm run example postgres`, warm, and what of it is not ours. */
export const synth: Figure = {
  name: 'synth',
  lines: [
    {
      what: 'npm run example postgres, beside npm and cdk8s with an empty app',
      unit: 's',
      ours: 'whole',
      beside: 'command',
      aim: { of: 'value', atMost: 1.2 },
    },
    { what: 'the app alone, beside one that makes one object with cdk8s', unit: 's', ours: 'app', beside: 'plain' },
    { what: 'cdk8s --version', unit: 's', ours: 'version' },
  ],

  open(bench) {
    // A folder with its own dist/: the one of the repository may be in use.
    const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'));
    bench.atTheEnd(() => rmSync(folder, { recursive: true, force: true }));
    for (const name of ['node_modules', 'lib', 'examples', 'tsconfig.json', 'cdk8s.yaml']) {
      symlinkSync(join(REPOSITORY, name), join(folder, name));
    }
    const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
      scripts: { example: string };
    };
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({
        name: 'bench',
        scripts: {
          example: scripts.example,
          nothing: `cdk8s synth --no-check-upgrade --app "${NOTHING.replaceAll('"', '\\"')}"`,
        },
      }),
    );
    writeFileSync(join(folder, 'plain.ts'), PLAIN);
    const bin = (name: string): string => join(REPOSITORY, 'node_modules/.bin', name);
    const inFolder = async (command: string, ...args: string[]): Promise<number> =>
      (await timed(command, args, folder, { CDK8S_OUTDIR: join(folder, 'out') })).seconds;
    const commands: { [series: string]: () => Promise<number> } = {
      command: () => inFolder('npm', 'run', '--silent', 'nothing'),
      whole: () => inFolder('npm', 'run', '--silent', 'example', 'postgres'),
      plain: () => inFolder(bin('ts-node'), 'plain.ts'),
      app: () => inFolder(bin('ts-node'), 'examples/postgres.ts'),
      version: () => inFolder(bin('cdk8s'), '--version'),
    };
    return Promise.resolve(async (round: number) => {
      const seconds: { [series: string]: number[] } = {};
      if (round === 1) {
        await commands.whole(); // warm means: not the first time
      }
      for (let i = 0; i < TIMES; i++) {
        for (const [name, command] of Object.entries(commands)) {
          (seconds[name] ??= []).push(await command());
        }
      }
      bench.log(
        Object.entries(seconds)
          .map(([name, values]) => `${name} ${values.map((value) => value.toFixed(2)).join(' ')}`)
          .join(', '),
      );
      return seconds;
    });
  },
};
