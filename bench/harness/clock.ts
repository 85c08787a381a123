/** Milliseconds since the epoch with fractions: comparable between processes of one machine. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Resolves once `isTrue` answers true; fails with `what` after `deadlineMs`. */
export async function until(what: string, deadlineMs: number, isTrue: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
