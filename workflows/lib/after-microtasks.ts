/** After the microtasks at hand; the sandbox has no queueMicrotask. */
export function afterMicrotasks(work: () => void): void {
  void Promise.resolve().then(work);
}
