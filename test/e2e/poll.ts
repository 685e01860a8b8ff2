/**
 * Waiting with a bound: every wait of the suite goes through here or through a watch, so none is longer than it must
 * be.
 */

const PAUSE_MS = 300;

/**
 * Asks until there is an answer. An error counts as "not yet": during a fault, that is what one gets; the last one is
 * told if the time is over. The bound is that of the answer: one to a question that began within the time, and took
 * longer, comes too late.
 *
 * @param what names what is waited for, for the message
 * @param probe gives undefined or false for "not yet"
 */
export async function until<T>(what: string, seconds: number, probe: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last = 'no answer';
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) {
        if (Date.now() <= end) {
          return answer;
        }
        last = `it was so ${((Date.now() - end) / 1000).toFixed(1)} s too late`;
      } else {
        last = 'not so yet';
      }
    } catch (error) {
      last = messageOf(error);
    }
    if (Date.now() > end) {
      throw new Error(`not within ${seconds} s: ${what} (last: ${last})`);
    }
    await elapse(PAUSE_MS);
  }
}

/** Lets time pass. Only for the pauses between two looks, and where an exact moment is the test itself. */
export function elapse(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** The promise's result, or an error if it takes longer. */
export async function within<T>(what: string, seconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${seconds} s: ${what}`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Fails the row. */
export function check(holds: boolean, message: string): asserts holds {
  if (!holds) {
    throw new Error(message);
  }
}
