import { refusalOf } from '../../refusal';
import { check } from '../poll';
import { Row } from './row';

/** Classes that every user of these provisioners has under this name. */
const LOCAL_CLASSES = ['local-path', 'local-storage'];

export const ownCopy: Row = {
  number: 3,
  name: 'own-copy',
  title: 'own copy',
  async run({ system, storageClassName, log }) {
    const volumes = new Set<string>();
    for (const [ordinal, pod] of (await system.pods()).entries()) {
      const mounted = pod.spec.volumes?.flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []).join();
      check(mounted === system.claimName(ordinal), `pod ${ordinal} has the claims ${mounted}`);
      const claim = await system.claim(ordinal);
      check(claim?.status.phase === 'Bound', `claim ${ordinal} is ${claim?.status.phase}`);
      check(
        claim.spec.storageClassName === storageClassName,
        `claim ${ordinal} is of class ${claim.spec.storageClassName}`,
      );
      volumes.add(claim.spec.volumeName ?? '');
    }
    check(volumes.size === 3 && !volumes.has(''), `three pods have the volumes ${[...volumes].join(', ')}`);
    for (const local of LOCAL_CLASSES) {
      const refusal = refusalOf(() => system.driver.manifest({ replicas: 3, storageClassName: local }));
      check(refusal.includes(local) && refusal.includes('node-local'), `class ${local}: ${refusal}`);
      log(`refused at synth: ${refusal}`);
    }
    return undefined;
  },
};
