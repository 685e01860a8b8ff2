import { Finding, FindingLevel } from '../finding';
import { findingLine, findingMessage } from '../finding-line';

/** How findings are printed, by the name of the format. */
export const FORMATS: { readonly [name: string]: (findings: Finding[]) => string } = {
  text: (findings) => linesOf(findings, findingLine),
  json: (findings) => `${JSON.stringify({ findings }, null, 2)}\n`,
  github: (findings) => linesOf(findings, annotation),
};

function linesOf(findings: Finding[], lineOf: (finding: Finding) => string): string {
  return findings.map((finding) => `${lineOf(finding)}\n`).join('');
}

const COMMANDS = { [FindingLevel.ERROR]: 'error', [FindingLevel.WARNING]: 'warning', [FindingLevel.NOTE]: 'notice' };

/** @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
function annotation(finding: Finding): string {
  const properties = Object.entries({ file: finding.file, line: finding.line, title: `${finding.rule}: ${finding.resource}` })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escaped(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C')}`);
  return `::${COMMANDS[finding.level]} ${properties.join(',')}::${escaped(findingMessage(finding))}`;
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
