/** Something to do, one after the other of its kind. */
export interface Job {
  /** How long it takes, as far as one knows. */
  readonly seconds: number;
  /** It waits more than it does, and so takes no place from others. */
  readonly idle?: boolean;
  run(): Promise<void>;
}

/** Does the jobs, so many at a time: the longest first, so that none is left over at the end; beside them those that are idle. */
export async function pool(jobs: readonly Job[], places: number): Promise<void> {
  const queue = jobs.filter(({ idle }) => idle !== true).sort((one, other) => other.seconds - one.seconds);
  const place = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      await job.run();
    }
  };
  const idle = jobs.filter((job) => job.idle === true).map((job) => job.run());
  await Promise.all([...idle, ...Array.from({ length: places }, place)]);
}
