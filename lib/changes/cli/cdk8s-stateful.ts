#!/usr/bin/env node
import { reviewCommand } from './review-command';
import { synthCommand } from './synth-command';

const USAGE = `usage: cdk8s-stateful review OLD NEW [--format text|json|github] [--plans FOLDER]
       cdk8s-stateful synth [OPTIONS OF CDK8S SYNTH]

review compares two files or folders of Kubernetes manifests, whoever made them, and says what the change does to StatefulSets and their data:
one line a finding. OLD and NEW are two revisions of a repository, for example:

  git worktree add /tmp/main origin/main && npx cdk8s-stateful review /tmp/main/dist dist

  --format   text (default), json, or github: annotations of a pull request, from a workflow
  --plans    writes a script for each change that Kubernetes does not make by itself

Exit code: 0 nothing but notes; 1 warnings, somebody must do or know something; 2 it must not be applied, or could not be read.

synth runs cdk8s synth, which empties its output before it runs the app, so that the former manifests stay where it is refused or fails.
`;

const [command, ...rest] = process.argv.slice(2);
const terminal = { out: (text: string) => process.stdout.write(text), err: (text: string) => process.stderr.write(text) };
if (command === 'review') {
  process.exitCode = reviewCommand(rest, { usage: USAGE, ...terminal });
} else if (command === 'synth') {
  process.exitCode = synthCommand(rest, terminal);
} else {
  const isAsked = ['help', '--help', '-h'].includes(command);
  (isAsked ? process.stdout : process.stderr).write(USAGE);
  process.exitCode = isAsked ? 0 : 2;
}
