import { Finding } from './finding';

/** A finding in one line, for people: `warning StatefulSet/default/orders volume-grown ...: 2Gi -> 4Gi: why; what to do`. */
export function findingLine(finding: Finding): string {
  return `${finding.level} ${finding.resource} ${finding.rule}: ${findingMessage(finding)}`;
}

/** The same without what it is about. */
export function findingMessage({ field, before, after, reason, remedy }: Finding): string {
  const change = field === undefined ? [] : [before === undefined && after === undefined ? field : `${field} ${shown(before)} -> ${shown(after)}`];
  return `${[...change, reason].join(': ')}; ${remedy}`.replaceAll(/\s*\n\s*/g, ' ');
}

function shown(value: string | undefined): string {
  return value === undefined ? '(none)' : value || "''";
}
