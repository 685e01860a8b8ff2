#!/usr/bin/env node
import { backupsCommand } from './backups-command';
import { reviewCommand } from './review-command';
import { synthCommand } from './synth-command';

const USAGE = `usage: cdk8s-stateful review OLD NEW [--format text|json|github] [--plans FOLDER]
       cdk8s-stateful synth [OPTIONS OF CDK8S SYNTH]
       cdk8s-stateful backups NAME [-n NAMESPACE] [--context CONTEXT] [--json]

review compares two files or folders of Kubernetes manifests, whatever tool wrote them, and reports what the change does to StatefulSets and
their data, one finding per line. OLD and NEW can be two revisions of a repository, for example:

  git worktree add /tmp/main origin/main && npx cdk8s-stateful review /tmp/main/dist dist

  --format   text (default), json, or github (annotations of a pull request)
  --plans    write a script for each change that Kubernetes does not make by itself

Exit code: 0 no findings, or only notes; 1 warnings, which need an action or a decision first; 2 errors: it must not be applied, or could not
be read.

synth runs cdk8s synth and replaces the output folder only if it succeeds; cdk8s synth itself deletes the folder before it runs the app.

backups lists what the store has of the set NAME: backups, when each was proven, and from when to when anything can be restored. It asks a pod of
the set, by kubectl.

Exit code: 0 there is a complete backup; 1 there is none; 2 that could not be found out.
`;

const [command, ...rest] = process.argv.slice(2);
const terminal = {
  out: (text: string) => process.stdout.write(text),
  err: (text: string) => process.stderr.write(text),
};
if (command === 'review') {
  process.exitCode = reviewCommand(rest, { usage: USAGE, ...terminal });
} else if (command === 'synth') {
  process.exitCode = synthCommand(rest, terminal);
} else if (command === 'backups') {
  process.exitCode = backupsCommand(rest, { usage: USAGE, ...terminal });
} else {
  const isAsked = ['help', '--help', '-h'].includes(command);
  (isAsked ? process.stdout : process.stderr).write(USAGE);
  process.exitCode = isAsked ? 0 : 2;
}
