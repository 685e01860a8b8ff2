import { podSecurityViolations } from '../../../lib/changes/testing/pod-security';

type Fields = Record<string, unknown>;

const secure = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const securePod = { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: 'RuntimeDefault' } };

/** A StatefulSet that passes, with other fields in its pod, container or security contexts. */
function set(fields: {
  pod?: Fields;
  podContext?: Fields;
  container?: Fields;
  context?: Fields;
  annotations?: Fields;
}): unknown {
  const container = {
    name: 'db',
    image: 'db:1',
    securityContext: { ...secure, ...fields.context },
    ...fields.container,
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: {
      template: {
        metadata: { annotations: fields.annotations },
        spec: { securityContext: { ...securePod, ...fields.podContext }, containers: [container], ...fields.pod },
      },
    },
  };
}

test.each([
  ['a pod that sets all it must', set({})],
  [
    'scratch space and a secret',
    set({
      pod: {
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'b', secret: { secretName: 'b' } },
        ],
      },
    }),
  ],
  [
    'containers that set what the pod does not',
    set({ podContext: { runAsNonRoot: undefined, seccompProfile: undefined }, context: securePod }),
  ],
  [
    'the one capability that may be added',
    set({ context: { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } } }),
  ],
  ['a safe sysctl', set({ podContext: { sysctls: [{ name: 'net.ipv4.tcp_keepalive_time' }] } })],
  ['a probe without a host', set({ container: { livenessProbe: { tcpSocket: { port: 1 } } } })],
  ['a manifest without pods', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'db' }, spec: {} }],
])('admits %s', (_, manifest) => {
  expect(podSecurityViolations(manifest)).toEqual([]);
});

test.each([
  ['hostNetwork', set({ pod: { hostNetwork: true } })],
  ['hostPID', set({ pod: { hostPID: true } })],
  ['hostIPC', set({ pod: { hostIPC: true } })],
  ['volume data is of type hostPath', set({ pod: { volumes: [{ name: 'data', hostPath: { path: '/' } }] } })],
  ['sysctl kernel.msgmax', set({ podContext: { sysctls: [{ name: 'kernel.msgmax' }] } })],
  [
    'annotation container.apparmor',
    set({ annotations: { 'container.apparmor.security.beta.kubernetes.io/db': 'unconfined' } }),
  ],
  ['pod: runAsNonRoot', set({ podContext: { runAsNonRoot: false }, context: { runAsNonRoot: true } })],
  ['must set runAsNonRoot', set({ podContext: { runAsNonRoot: undefined } })],
  ['container db: runAsNonRoot', set({ context: { runAsNonRoot: false } })],
  ['pod: runAsUser', set({ podContext: { runAsUser: 0 } })],
  ['container db: runAsUser', set({ context: { runAsUser: 0 } })],
  ['must set a seccompProfile', set({ podContext: { seccompProfile: undefined } })],
  ['container db: seccompProfile.type', set({ context: { seccompProfile: { type: 'Unconfined' } } })],
  ['appArmorProfile.type', set({ podContext: { appArmorProfile: { type: 'Unconfined' } } })],
  ['seLinuxOptions', set({ context: { seLinuxOptions: { type: 'spc_t' } } })],
  ['seLinuxOptions', set({ podContext: { seLinuxOptions: { user: 'root' } } })],
  ['windowsOptions.hostProcess', set({ podContext: { windowsOptions: { hostProcess: true } } })],
  ['allowPrivilegeEscalation', set({ context: { allowPrivilegeEscalation: undefined } })],
  ['privileged', set({ context: { privileged: true } })],
  ['procMount', set({ context: { procMount: 'Unmasked' } })],
  ['capabilities.drop', set({ context: { capabilities: {} } })],
  ['capabilities.add', set({ context: { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } } })],
  ['hostPort', set({ container: { ports: [{ containerPort: 1, hostPort: 1 }] } })],
  ['no probe or hook', set({ container: { readinessProbe: { httpGet: { port: 1, host: 'elsewhere' } } } })],
  ['no probe or hook', set({ container: { lifecycle: { preStop: { tcpSocket: { port: 1, host: 'elsewhere' } } } } })],
])('refuses %s', (field, manifest) => {
  const violations = podSecurityViolations(manifest);
  expect(violations.length).toBeGreaterThan(0);
  expect(violations.join('\n')).toContain(field);
});

test.each([
  ['Pod', { kind: 'Pod', spec: { containers: [{ name: 'a' }] } }],
  [
    'CronJob',
    { kind: 'CronJob', spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: 'a' }] } } } } } },
  ],
  ['initContainers', set({ pod: { initContainers: [{ name: 'a' }] } })],
  ['ephemeralContainers', set({ pod: { ephemeralContainers: [{ name: 'a' }] } })],
])('finds the containers of %s', (_, manifest) => {
  expect(podSecurityViolations(manifest).join('\n')).toContain('container a: allowPrivilegeEscalation');
});
