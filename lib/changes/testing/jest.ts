import { toKeepDataOf, toPassRestrictedPodSecurity } from './matchers';

// Adds the matchers to jest: name this file in `setupFilesAfterEnv`, or import it in a test.
expect.extend({ toKeepDataOf, toPassRestrictedPodSecurity });

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- this is how jest's types are added to
  namespace jest {
    interface Matchers<R> {
      /**
       * Nothing that the YAML of before has is changed so that Kubernetes or the database refuses it, or data is lost.
       *
       * @param previous the YAML of before, as it was applied
       */
      toKeepDataOf(previous: string): R;

      /** A namespace with `pod-security.kubernetes.io/enforce: restricted` admits all pods. */
      toPassRestrictedPodSecurity(): R;
    }
  }
}
