import { toKeepDataOf, toPassRestrictedPodSecurity } from './matchers';

// Adds the matchers to jest: list this module in `setupFilesAfterEnv`, or import it in a test.
expect.extend({ toKeepDataOf, toPassRestrictedPodSecurity });

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- this is how jest's types are added to
  namespace jest {
    interface Matchers<R> {
      /**
       * Expects that no change since the previous YAML is refused by Kubernetes or the database, or loses data.
       *
       * @param previous the YAML that was applied before
       */
      toKeepDataOf(previous: string): R;

      /** Expects that a namespace with `pod-security.kubernetes.io/enforce: restricted` admits all pods. */
      toPassRestrictedPodSecurity(): R;
    }
  }
}
