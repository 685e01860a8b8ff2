#!/usr/bin/env node
import { reviewCommand } from './review-command';

const USAGE = `usage: cdk8s-stateful review OLD NEW [--format text|json|github] [--plans FOLDER]

Compares two files or folders of Kubernetes manifests, whoever made them, and says what the change does to StatefulSets and their data:
one line a finding. OLD and NEW are two revisions of a repository, for example:

  git worktree add /tmp/main origin/main && npx cdk8s-stateful review /tmp/main/dist dist

  --format   text (default), json, or github: annotations of a pull request, from a workflow
  --plans    writes a script for each change that Kubernetes does not make by itself

Exit code: 0 nothing but notes; 1 warnings, somebody must do or know something; 2 it must not be applied, or could not be read.
`;

const [command, ...rest] = process.argv.slice(2);
if (command === 'review') {
  process.exitCode = reviewCommand(rest, { usage: USAGE, out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) });
} else {
  const isAsked = ['help', '--help', '-h'].includes(command);
  (isAsked ? process.stdout : process.stderr).write(USAGE);
  process.exitCode = isAsked ? 0 : 2;
}
