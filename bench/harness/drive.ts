/** How many clients there are, and when they stop: each after `runs`, or none begins a run after `forMs`. */
export type Load = { clients: number } & ({ runs: number } | { forMs: number });

/** What clients saw: the milliseconds of each run, and the seconds from the first beginning to the last end. */
export interface Driven {
  tookMs: number[];
  seconds: number;
}

/**
 * Clients of which each starts its next run when the last one has ended. Runs that end after the time is up are waited
 * for, and count with the time they took.
 */
export async function drive(run: (input: unknown) => Promise<unknown>, load: Load): Promise<Driven> {
  const begin = performance.now();
  const tookMs: number[] = [];
  const goesOn = (run: number) => ('runs' in load ? run < load.runs : performance.now() - begin < load.forMs);
  const client = async (number: number) => {
    for (let done = 0; goesOn(done); done += 1) {
      const startedAt = performance.now();
      await run({ client: number, run: done });
      tookMs.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: load.clients }, (_, number) => client(number)));
  return { tookMs, seconds: (performance.now() - begin) / 1_000 };
}
