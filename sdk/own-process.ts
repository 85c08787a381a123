/** Tells a parent that listens on the IPC channel that this process is ready. */
export function sayReady(facts: { name: string; url: string }): void {
  process.send?.({ type: 'ready', ...facts });
}

/** Runs `stop` on SIGTERM, SIGINT and when the parent is gone, then exits: 0 when it went well. */
export function stopWithProcess(stop: () => Promise<void>): void {
  const end = () => {
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  process.once('disconnect', end);
  // A parent that was gone before this line sends no event any more.
  if (process.connected === false) end();
}
