import { App, Chart, Cron, Duration, Size, Testing } from 'cdk8s';
import { k8s, LabeledNode, Node, NodeLabelQuery, NodeTaintQuery } from 'cdk8s-plus-28';
import {
  Backup,
  BackupOptions,
  BackupEncryption,
  BackupStore,
  Credentials,
  Postgres,
  PostgresProps,
  PostgresSource,
  PostgresVersion,
  ReplicatedStatefulSet,
  RestorePoint,
  Storage,
} from '../../../lib';
import { podSecurityViolations } from '../../../lib/changes/testing/pod-security';
import { backupScripts } from '../../../lib/core/script-files';
import {
  backupScriptsOf,
  configOf,
  containerOf,
  forReading,
  Manifest,
  only,
  podSpec,
  scriptsOf,
  synthesize,
} from '../../manifests';
import { refusalOf } from '../../refusal';
import { engineOf, stubConfig, stubProps } from '../../stub-engine';

// What a set has more that is backed up, or restored.

const minimal: PostgresProps = {
  version: PostgresVersion.V18,
  replicas: 3,
  storage: Storage.remote({ storageClassName: 'remote', size: Size.gibibytes(10) }),
  credentials: Credentials.fromSecret('orders-credentials'),
};
const store = BackupStore.s3({
  bucket: 'backups',
  endpoint: 'https://s3.example.com',
  secretName: 'backup-store',
  folder: 'team-a',
});
const archive = BackupStore.gcs({ bucket: 'archive', secretName: 'archive-store' });
const byIdentity = (serviceAccountName: string): BackupStore =>
  BackupStore.s3({ bucket: 'backups', serviceAccountName });
const encryption = BackupEncryption.fromSecret('seal');
const shop = { name: 'orders', namespaceName: 'shop' };
const both: Partial<PostgresProps> = {
  backup: Backup.to(store, {
    schedule: Cron.schedule({ minute: '30', hour: '2' }),
    proofSchedule: Cron.schedule({ minute: '0', hour: '5', weekDay: '6' }),
    retention: Duration.days(30),
    maxDataLoss: Duration.seconds(30),
    encryption,
    rateLimit: Size.mebibytes(20),
  }),
  restoreFrom: RestorePoint.at(
    archive,
    { ...shop, encryption: BackupEncryption.fromSecret('old-seal', { passphraseKey: 'words' }) },
    '2026-11-29T10:00:00.5Z',
  ),
};

function synth(props: Partial<PostgresProps> = {}, build: (set: Postgres) => void = () => undefined): Manifest[] {
  return synthesize((scope) => build(new Postgres(scope, 'orders', { ...minimal, ...props })));
}

interface CronJobSpec {
  readonly schedule: string;
  readonly jobTemplate: {
    readonly spec: {
      readonly ttlSecondsAfterFinished?: number;
      readonly template: { readonly metadata: k8s.ObjectMeta; readonly spec: k8s.PodSpec };
    };
  };
}

function cronJob(manifests: Manifest[], name: string): CronJobSpec {
  return only(manifests, 'CronJob', name).spec as CronJobSpec;
}

function jobPod(manifests: Manifest[], name: string): k8s.PodSpec {
  return cronJob(manifests, name).jobTemplate.spec.template.spec;
}

test('a set with all of it', () => {
  const manifests = synth(both);
  expect(forReading(manifests)).toMatchSnapshot();
  expect(manifests.flatMap(podSecurityViolations)).toEqual([]);
});

test('the scripts of backups are an object of their own, in one folder with the others, for pods and jobs', () => {
  const manifests = synth(both);
  const [scripts, ofBackups] = [scriptsOf(manifests), backupScriptsOf(manifests)];
  expect(ofBackups).toMatchObject({
    immutable: true,
    metadata: {
      name: `orders-backup-scripts-${ofBackups.metadata.labels?.['cdk8s-stateful/scripts']}`,
      annotations: scripts.metadata.annotations,
    },
  });
  expect(ofBackups.metadata.name).toMatch(/-[0-9a-f]{16}$/);
  expect(Object.keys(scripts.data ?? {}).filter((name) => Object.hasOwn(ofBackups.data ?? {}, name))).toEqual([]);
  const sources = [scripts, ofBackups].map(({ metadata: { name } }) => ({ configMap: { name } }));
  const volume = { name: 'scripts', projected: { defaultMode: 0o555, sources } };
  expect([podSpec(manifests), jobPod(manifests, 'orders-backup'), jobPod(manifests, 'orders-proof')]).toEqual(
    Array(3).fill(expect.objectContaining({ volumes: expect.arrayContaining([volume]) as unknown })),
  );
});

test('a script of an engine that is there instead of a shared one of backups is among those', () => {
  const engine = engineOf({
    ...stubConfig,
    scripts: { ...stubConfig.scripts, 'prune.sh': '# keeps all\n' },
    backupScripts: { 'engine-backup.sh': 'engine_ship() { :; }\n', 'engine-restore.sh': 'engine_prove() { :; }\n' },
  });
  const manifests = synthesize(
    (scope) => new ReplicatedStatefulSet(scope, 'orders', { ...stubProps, engine, backup: Backup.to(store) }),
  );
  expect(backupScriptsOf(manifests).data?.['prune.sh']).toBe('# keeps all\n');
  expect(scriptsOf(manifests).data).not.toHaveProperty(['prune.sh']);
});

test('without them nothing is there of it', () => {
  const manifests = synth();
  expect(manifests.filter(({ kind }) => kind === 'CronJob')).toEqual([]);
  expect(Object.keys(scriptsOf(manifests).data ?? {}).filter((name) => Object.hasOwn(backupScripts(), name))).toEqual(
    [],
  );
  expect(JSON.stringify(manifests.map((manifest) => ({ ...manifest, data: {} })))).not.toMatch(
    /rclone|backup|ship|restore/,
  );
});

test('a set may be called as a job of another', () => {
  const make = (backup?: Backup): string =>
    refusalOf(() =>
      synthesize((scope) =>
        ['orders', 'orders-backup', 'orders-proof'].forEach(
          (name) => new Postgres(scope, name, { ...minimal, backup }),
        ),
      ),
    );
  expect([make(), make(Backup.to(store))]).toEqual(['(nothing was refused)', '(nothing was refused)']);
});

test('scripts know what the props say', () => {
  const { 'settings.sh': settings, ...files } = configOf(synth(both));
  expect(
    settings
      .split('\n')
      .filter((line) => /^(declared|backup|max_data|max_unshipped|retention|rate|restore)/.test(line)),
  ).toEqual([
    'declared_name=orders',
    'backup_remote=backup:backups/team-a',
    'backup_sealed=yes',
    'max_data_loss=30',
    'max_unshipped=2147483648',
    'retention=2592000',
    'rate_limit=20480',
    'restore_remote=restore:archive',
    'restore_sealed=yes',
    'restore_name=orders',
    'restore_namespace=shop',
    'restore_until=2026-11-29T10:00:00.5Z',
  ]);
  expect(files['rclone-backup.conf']).toBe(
    '[backup]\ntype = s3\nprovider = Other\nregion = us-east-1\nendpoint = https://s3.example.com\nenv_auth = false\nno_check_bucket = true\nupload_cutoff = 5G\n',
  );
  expect(files['rclone-restore.conf']).toBe(
    '[restore]\ntype = google cloud storage\nbucket_policy_only = true\nno_check_bucket = true\n',
  );
  expect(configOf(synth({ backup: Backup.to(store) }))['settings.sh']).not.toContain('rate_limit');
});

test('where every backup is full, nothing says so', () => {
  const settings = (options: BackupOptions): string =>
    configOf(synth({ backup: Backup.to(store, options) }))['settings.sh'];
  expect(settings({ fullBackupEvery: 7 })).toContain('\nfull_backup_every=7\n');
  expect(settings({ fullBackupEvery: 1 })).toBe(settings({}));
  expect(settings({})).not.toContain('full_backup');
});

test('of a remote that a Secret configures there is no configuration but that', () => {
  const nas = BackupStore.rclone({ secretName: 'nas', remote: 'nas', folder: 'db' });
  const config = configOf(synth({ backup: Backup.to(nas), restoreFrom: RestorePoint.latest(nas, shop) }));
  expect(Object.keys(config).filter((name) => name.startsWith('rclone'))).toEqual([]);
  expect(config['settings.sh']).toContain('\nbackup_remote=nas:db\n');
  expect(config['settings.sh']).toContain('\nrestore_remote=nas:db\n');
});

describe('keys of a store', () => {
  const mountsOf = ({ volumeMounts = [] }: k8s.Container): string[] => volumeMounts.map(({ name }) => name);

  test('are in no container in which SQL runs', () => {
    const manifests = synth(both);
    const keysIn = (name: string): string[] =>
      mountsOf(containerOf(manifests, name)).filter((volume) => ['backup', 'restore'].includes(volume));
    expect(
      Object.fromEntries(['rclone-program', 'prepare', 'postgres', 'sync', 'ship'].map((name) => [name, keysIn(name)])),
    ).toEqual({
      'rclone-program': [],
      prepare: ['backup', 'restore'],
      postgres: [],
      sync: [],
      ship: ['backup'],
    });
    for (const name of ['orders-backup', 'orders-proof']) {
      const { initContainers = [], containers } = jobPod(manifests, name);
      expect([
        initContainers.flatMap(mountsOf),
        containers.flatMap(mountsOf).filter((volume) => ['backup', 'restore'].includes(volume)),
      ]).toEqual([['rclone-program'], ['backup']]);
    }
  });

  test('come with the passphrase, each by the name that the scripts know', () => {
    const sources = (name: string): unknown =>
      podSpec(synth(both)).volumes?.find((volume) => volume.name === name)?.projected?.sources;
    expect(sources('backup')).toEqual([
      {
        secret: {
          name: 'backup-store',
          items: [
            { key: 'access-key-id', path: 'access_key_id' },
            { key: 'secret-access-key', path: 'secret_access_key' },
          ],
        },
      },
      { secret: { name: 'seal', items: [{ key: 'passphrase', path: 'passphrase' }] } },
    ]);
    expect(sources('restore')).toEqual([
      {
        secret: {
          name: 'archive-store',
          items: [{ key: 'service-account.json', path: 'service_account_credentials' }],
        },
      },
      { secret: { name: 'old-seal', items: [{ key: 'words', path: 'passphrase' }] } },
    ]);
  });

  test("are not there where the store knows an identity, which the pods have without the API's token", () => {
    const manifests = synth({
      backup: Backup.to(byIdentity('backup')),
      restoreFrom: RestorePoint.latest(byIdentity('backup'), shop),
    });
    for (const pod of [podSpec(manifests), jobPod(manifests, 'orders-backup'), jobPod(manifests, 'orders-proof')]) {
      expect(pod).toMatchObject({ serviceAccountName: 'backup', automountServiceAccountToken: false });
      expect(pod.volumes?.filter(({ name }) => ['backup', 'restore'].includes(name))).toEqual([]);
    }
    expect(podSpec(synth({ restoreFrom: RestorePoint.latest(byIdentity('reader'), shop) })).serviceAccountName).toBe(
      'reader',
    );
  });
});

describe('where a set is only restored', () => {
  const manifests = synth({ restoreFrom: RestorePoint.latest(archive, shop) });

  test('it has no jobs, and nothing that sends', () => {
    expect(manifests.filter(({ kind }) => kind === 'CronJob')).toEqual([]);
    expect(podSpec(manifests).containers.map(({ name }) => name)).toEqual(['postgres', 'sync']);
    expect(podSpec(manifests).initContainers?.map(({ name }) => name)).toEqual(['rclone-program', 'prepare']);
  });

  test('its name may be as long as any', () => {
    const name = 'a'.repeat(52);
    expect(refusalOf(() => synth({ name, restoreFrom: RestorePoint.latest(archive, shop) }))).toBe(
      '(nothing was refused)',
    );
  });
});

describe('jobs', () => {
  const manifests = synth({ ...both, nodeSelector: { disk: 'fast' }, priorityClassName: 'data' }, (set) => {
    set.scheduling.tolerate(Node.tainted(NodeTaintQuery.is('dedicated', 'databases')));
    set.scheduling.attract(new LabeledNode([NodeLabelQuery.exists('zone')]));
  });

  test('are begun by the clock in UTC', () => {
    expect(only(manifests, 'CronJob', 'orders-backup').spec).toMatchObject({
      schedule: '30 2 * * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
    });
    expect(only(manifests, 'CronJob', 'orders-proof').spec).toMatchObject({
      schedule: '0 5 * * 6',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
    });
  });

  test("begin at night at times of their own, which a set's name says", () => {
    const times = Array.from({ length: 50 }, (_, i) => {
      const all = synth({ name: `orders-${i}`, backup: Backup.to(store) });
      return ['backup', 'proof'].map((job) => cronJob(all, `orders-${i}-${job}`).schedule);
    });
    for (const [backup, proof] of times) {
      expect(backup).toMatch(/^[1-5]?\d [1-4] \* \* \*$/);
      expect(proof).toMatch(/^[1-5]?\d [6-9] \* \* [0-6]$/);
    }
    expect(new Set(times.map(([backup]) => backup)).size).toBeGreaterThan(30);
    expect(cronJob(synth({ backup: Backup.to(store) }), 'orders-backup').schedule).toBe(
      cronJob(synth({ backup: Backup.to(store), replicas: 5 }), 'orders-backup').schedule,
    );
  });

  test("run where the set's pods may", () => {
    const tolerations = [{ effect: undefined, key: 'dedicated', operator: 'Equal', value: 'databases' }];
    for (const name of ['orders-backup', 'orders-proof']) {
      expect(jobPod(manifests, name)).toMatchObject({
        nodeSelector: { disk: 'fast' },
        priorityClassName: 'data',
        enableServiceLinks: false,
        restartPolicy: 'Never',
      });
      expect(jobPod(manifests, name).tolerations).toMatchObject(tolerations.map(({ effect: _, ...rest }) => rest));
    }
  });

  test('have pods that no Service, budget or set knows as its own', () => {
    for (const name of ['orders-backup', 'orders-proof']) {
      const { labels = {} } = cronJob(manifests, name).jobTemplate.spec.template.metadata;
      expect(labels).toEqual({
        'app.kubernetes.io/name': `postgres-${name.replace('orders-', '')}`,
        'app.kubernetes.io/instance': 'orders',
        'cdk8s-stateful/job-of': 'orders',
      });
      const selectors = manifests.flatMap(({ kind, spec }) => {
        const { selector } = (spec ?? {}) as {
          readonly selector?: { readonly matchLabels?: { readonly [label: string]: string } };
        };
        return ['Service', 'PodDisruptionBudget', 'StatefulSet'].includes(kind)
          ? [selector?.matchLabels ?? (selector as { readonly [label: string]: string })]
          : [];
      });
      expect(selectors).toHaveLength(5);
      expect(
        selectors.filter((selector) => Object.entries(selector).every(([label, value]) => labels[label] === value)),
      ).toEqual([]);
    }
  });

  test("say what they need, of the node's disk as well", () => {
    for (const name of ['orders-backup', 'orders-proof']) {
      const { initContainers = [], containers } = jobPod(manifests, name);
      for (const { resources } of [...initContainers, ...containers]) {
        expect(Object.keys(resources?.requests ?? {}).sort()).toEqual(['cpu', 'ephemeral-storage', 'memory']);
        expect(resources?.limits).toMatchObject({ memory: expect.any(String) as string });
      }
    }
    expect(containerOf(manifests, 'ship').resources?.requests).toMatchObject({ 'ephemeral-storage': '512Mi' });
    expect(containerOf(manifests, 'rclone-program').resources?.requests).toMatchObject({
      'ephemeral-storage': '128Mi',
    });
  });

  test("a proof has a volume like the set's, that goes with its pod, and its pod within the hour", () => {
    const { ttlSecondsAfterFinished } = cronJob(manifests, 'orders-proof').jobTemplate.spec;
    expect(ttlSecondsAfterFinished).toBe(3600);
    const claim = {
      accessModes: ['ReadWriteOncePod'],
      resources: { requests: { storage: '10Gi' } },
      storageClassName: 'remote',
    };
    expect(jobPod(manifests, 'orders-proof').volumes?.at(-1)).toMatchObject({
      name: 'data',
      ephemeral: { volumeClaimTemplate: { spec: { ...claim, accessModes: expect.any(Array) as string[] } } },
    });
    expect(jobPod(manifests, 'orders-proof').containers[0].volumeMounts?.at(-1)).toEqual({
      name: 'data',
      mountPath: podSpec(manifests).containers[0].volumeMounts?.[0].mountPath,
    });
    expect(jobPod(manifests, 'orders-backup').volumes?.map(({ name }) => name)).not.toContain('data');
    expect(cronJob(manifests, 'orders-backup').jobTemplate.spec.ttlSecondsAfterFinished).toBeUndefined();
  });

  test('a proof of a set without volumes has a disk to restore to', () => {
    const ephemeral = synth({ backup: Backup.to(store), storage: Storage.ephemeral({ sizeLimit: Size.gibibytes(2) }) });
    expect(jobPod(ephemeral, 'orders-proof').volumes?.at(-1)).toMatchObject({
      name: 'data',
      emptyDir: { sizeLimit: '2048Mi' },
    });
    expect(jobPod(ephemeral, 'orders-proof').containers[0].volumeMounts?.at(-1)).toMatchObject({ name: 'data' });
  });

  test('where a copy must be on a volume, the job that takes it has one, and what a server has; ship takes none', () => {
    const engine = engineOf({
      ...stubConfig,
      backsUpFromVolume: true,
      backupScripts: { 'engine-backup.sh': 'engine_ship() { :; }\n', 'engine-restore.sh': 'engine_prove() { :; }\n' },
    });
    const all = synthesize(
      (scope) => new ReplicatedStatefulSet(scope, 'orders', { ...stubProps, engine, backup: Backup.to(store) }),
    );
    const [job, proof] = ['orders-backup', 'orders-proof'].map((name) => jobPod(all, name));
    expect(job.volumes?.at(-1)).toEqual({ ...proof.volumes?.at(-1), ephemeral: expect.anything() as object });
    expect(job.containers[0].volumeMounts?.at(-1)).toEqual({ name: 'data', mountPath: stubConfig.volumePath });
    expect(job.containers[0].resources?.limits).toEqual(proof.containers[0].resources?.limits);
    expect(cronJob(all, 'orders-backup').jobTemplate.spec.ttlSecondsAfterFinished).toBe(3600);
    expect(configOf(all)['settings.sh']).toContain('\nbacks_up_from_volume=yes\n');
    expect(configOf(manifests)['settings.sh']).not.toContain('backs_up_from_volume');
  });

  test.each([
    [true, undefined],
    [false, true],
    [undefined, true],
  ])('the volume is only read by what sends the log, unless it keeps that there (%s)', (keepsUnsentLog, readOnly) => {
    const engine = engineOf({
      ...stubConfig,
      keepsUnsentLog,
      backupScripts: { 'engine-backup.sh': 'engine_ship() { :; }\n', 'engine-restore.sh': 'engine_prove() { :; }\n' },
    });
    const all = synthesize(
      (scope) => new ReplicatedStatefulSet(scope, 'orders', { ...stubProps, engine, backup: Backup.to(store) }),
    );
    const mount = containerOf(all, 'ship').volumeMounts?.find(({ name }) => name === 'data');
    expect(mount).toEqual({ name: 'data', mountPath: stubConfig.volumePath, ...(readOnly && { readOnly }) });
  });

  test('an engine that needs rclone anyway brings the one of its own image, once', () => {
    const engine = engineOf({
      ...stubConfig,
      rcloneImage: 'rclone:2',
      backupScripts: { 'engine-backup.sh': 'engine_ship() { :; }\n', 'engine-restore.sh': 'engine_prove() { :; }\n' },
    });
    const all = synthesize(
      (scope) => new ReplicatedStatefulSet(scope, 'orders', { ...stubProps, engine, backup: Backup.to(store) }),
    );
    const { initContainers = [], containers, volumes = [] } = podSpec(all);
    expect(initContainers.map(({ name, image }) => [name, image])).toEqual([
      ['rclone-program', 'rclone:2'],
      ['prepare', stubConfig.image],
    ]);
    expect(volumes.filter(({ name }) => name === 'rclone-program')).toHaveLength(1);
    for (const { name, volumeMounts } of [...initContainers, ...containers])
      expect([name, volumeMounts?.filter(({ mountPath }) => mountPath === '/opt/rclone').length]).toEqual([name, 1]);
    expect(jobPod(all, 'orders-backup').initContainers?.[0].image).toBe('rclone:2');
  });
});

describe('refused', () => {
  const backup = Backup.to(store);
  const restoreFrom = RestorePoint.latest(archive, shop);
  const stub =
    (props: object, config: object = {}) =>
    () =>
      synthesize(
        (scope) =>
          new ReplicatedStatefulSet(scope, 'orders', {
            ...stubProps,
            engine: engineOf({ ...stubConfig, ...config }),
            ...props,
          }),
      );

  test.each<[string, () => unknown, string]>([
    [
      'no backup',
      () => synth({ backup: 'daily' as never }),
      "backup must be a Backup, as Backup.to(store), got 'daily'",
    ],
    [
      'no restore point',
      () => synth({ restoreFrom: 'latest' as never }),
      "restoreFrom must be a RestorePoint, as RestorePoint.latest(store, set), got 'latest'",
    ],
    [
      'an engine that has no backups',
      stub({ backup }),
      'backup must not be given, as there are no backups of stubdb yet',
    ],
    [
      'an engine that cannot be restored',
      stub({ restoreFrom }),
      'restoreFrom must not be given, as there are no backups of stubdb yet',
    ],
    [
      'backups of what changed, of an engine that has none',
      stub({ backup: Backup.to(store, { fullBackupEvery: 2 }) }, { backupScripts: { 'engine-backup.sh': '' } }),
      "backup must not have 'fullBackupEvery: 2', as every backup of stubdb is a full one: leave it out",
    ],
    [
      'a script of backups that the engine has already',
      stub({ backup }, { backupScripts: { 'engine.sh': '' } }),
      "engine.scripts['engine.sh'] must not be given together with 'backup', as the backups of stubdb have a script of that name: rename it, or replace another function",
    ],
    [
      'a name for whose jobs there is no room',
      () => synth({ backup, name: 'a'.repeat(46) }),
      `name must have at most 45 characters with 'backup', as its jobs are named by it, got 46: '${'a'.repeat(46)}'`,
    ],
    [
      'two places that the first data comes from',
      () =>
        synth({
          restoreFrom,
          importFrom: PostgresSource.fromEndpoint({ host: 'old.example.com', credentials: minimal.credentials }),
        }),
      "restoreFrom must not be given together with 'importFrom': the first data comes from one of them",
    ],
    [
      'two identities of one pod',
      () =>
        synth({
          backup: Backup.to(byIdentity('writer')),
          restoreFrom: RestorePoint.latest(byIdentity('reader'), shop),
        }),
      "restoreFrom must have a store with the serviceAccountName of 'backup', as a pod has one, got 'reader' and 'writer'",
    ],
    [
      'an object of the app by the name of a job',
      () => {
        const chart = new Chart(new App(), 'test');
        new Postgres(chart, 'orders', { ...minimal, backup });
        new k8s.KubeCronJob(chart, 'mine', { metadata: { name: 'orders-proof' } });
        return Testing.synth(chart) as unknown;
      },
      expect.stringContaining("CronJob 'orders-proof' is there twice") as never,
    ],
  ])('%s', (_, make, message) => {
    expect(refusalOf(make)).toEqual(message);
  });

  test('a name of 45 characters is taken', () => {
    expect(refusalOf(() => synth({ backup, name: 'a'.repeat(45) }))).toBe('(nothing was refused)');
  });
});
