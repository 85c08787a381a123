/** Waits for something that happens elsewhere; fails when it has not within 30 s, or as long as is said. */
export async function until(condition: () => boolean | Promise<boolean>, patienceMs = 30_000): Promise<void> {
  const giveUpAt = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(`it did not happen within ${patienceMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
