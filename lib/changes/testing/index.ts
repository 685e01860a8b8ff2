export * from './matchers';
export { podSecurityViolations } from './pod-security';
