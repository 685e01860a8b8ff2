import { Yaml } from 'cdk8s';
import { podSecurityViolations } from '../../lib/changes/testing/pod-security';

// The files to check for the restricted Pod Security Standard. Called by the check beside this file.
for (const file of process.argv.slice(2)) {
  for (const manifest of Yaml.load(file) as {
    readonly kind?: string;
    readonly metadata?: { readonly name?: string };
  }[]) {
    for (const violation of podSecurityViolations(manifest)) {
      console.error(`${file}: ${manifest.kind} ${manifest.metadata?.name}: ${violation}`);
      process.exitCode = 1;
    }
  }
}
