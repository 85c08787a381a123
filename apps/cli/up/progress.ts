/** One line per part: what is ready and how long it took. */
export interface Progress {
  print(line: string): void;
  /** Runs `work` and prints one line with its elapsed time when it is done. */
  step<T>(name: string, work: () => Promise<T>, detail: (result: T) => string): Promise<T>;
  /** Seconds since the start of all of it, as text. */
  elapsed(): string;
}

export function createProgress(print: (line: string) => void): Progress {
  const startedAt = performance.now();
  return {
    print,
    async step(name, work, detail) {
      const from = performance.now();
      const result = await work();
      print(`  ${name.padEnd(14)} ${secondsSince(from).padStart(6)}  ${detail(result)}`);
      return result;
    },
    elapsed: () => secondsSince(startedAt),
  };
}

function secondsSince(from: number): string {
  return `${((performance.now() - from) / 1_000).toFixed(1)} s`;
}
