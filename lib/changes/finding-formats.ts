import { Finding, FindingLevel } from './finding';

/** How findings are printed, by the name of the format. */
export const FORMATS: { readonly [name: string]: (findings: Finding[]) => string } = {
  text: (findings) => formatLines(findings, findingLine),
  json: (findings) => `${JSON.stringify({ findings }, null, 2)}\n`,
  github: (findings) => formatLines(findings, annotation),
};

function formatLines(findings: Finding[], formatLine: (finding: Finding) => string): string {
  return findings.map((finding) => `${formatLine(finding)}\n`).join('');
}

const COMMANDS = { [FindingLevel.ERROR]: 'error', [FindingLevel.WARNING]: 'warning', [FindingLevel.NOTE]: 'notice' };

/** @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
function annotation(finding: Finding): string {
  const properties = Object.entries({
    file: finding.file,
    line: finding.line,
    title: `${finding.rule}: ${inEnvironment(finding)}${finding.resource}`,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escaped(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C')}`);
  return `::${COMMANDS[finding.level]} ${properties.join(',')}::${escaped(findingMessage(finding))}`;
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/**
 * A finding in one line, for people: `warning StatefulSet/default/orders volume-grown ...: 2Gi -> 4Gi: why; what to
 * do`.
 */
export function findingLine(finding: Finding): string {
  return `${finding.level} ${inEnvironment(finding)}${finding.resource} ${finding.rule}: ${findingMessage(finding)}`;
}

/** The same without level, resource and rule. */
export function findingMessage({ field, before, after, reason, remedy }: Finding): string {
  const change =
    field === undefined
      ? []
      : [
          before === undefined && after === undefined
            ? field
            : `${field} ${displayValue(before)} -> ${displayValue(after)}`,
        ];
  return `${[...change, reason].join(': ')}; ${remedy}`.replaceAll(/\s*\n\s*/g, ' ');
}

function inEnvironment({ environment }: Finding): string {
  return environment === undefined ? '' : `[${environment}] `;
}

function displayValue(value: string | undefined): string {
  return value === undefined ? '(none)' : value || "''";
}
