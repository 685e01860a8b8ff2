import { messageOf } from './poll';

/** What is undone before the process ends, and how. */
type CleanUp = () => Promise<void>;

const cleanUps = new Set<CleanUp>();
let interrupted = false;

/**
 * From now on, and until what it gives is called, this is done if a signal ends the suite: all such at the same time.
 */
export function atInterruption(cleanUp: CleanUp): () => void {
  cleanUps.add(cleanUp);
  return () => cleanUps.delete(cleanUp);
}

/** Goes on only if nobody ended the suite: what fails or ends while all is cleaned up says nothing. */
export async function unlessInterrupted(): Promise<void> {
  if (interrupted) {
    await new Promise<never>(() => undefined);
  }
}

/** To be called once. A second signal ends the process at once. */
export function handleSignals(): void {
  const onSignal = (signal: NodeJS.Signals): void => {
    interrupted = true;
    console.log(`${signal}: cleaning up`);
    const all = [...cleanUps].map((cleanUp) => cleanUp().catch((error: unknown) => console.log(messageOf(error))));
    void Promise.all(all).finally(() => process.exit(1));
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
}
