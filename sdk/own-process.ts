/** Agents of this process that are not ready yet. */
const starting = new Set<symbol>();
const stops: (() => Promise<void>)[] = [];

/** What an agent that owns its process, alone or with others, tells of itself. */
export interface OwnProcess {
  /**
   * Runs `stop` on SIGTERM, SIGINT and when the parent is gone. All agents of the process stop at once, and it exits when
   * the last has: 0 when it went well.
   */
  stopWith(stop: () => Promise<void>): void;
  /** Tells a parent that listens on the IPC channel; the process is ready when the last of its agents is. */
  sayReady(facts: { name: string; url: string; id: string; instanceId: string }): void;
}

/** To be called before the agent begins, so that one that is ready first does not speak for those behind it. */
export function joinProcess(): OwnProcess {
  const agent = Symbol('agent');
  starting.add(agent);
  return {
    stopWith(stop) {
      if (stops.length === 0) for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, end);
      stops.push(stop);
      // A parent that was gone before this line sends no event any more.
      if (process.connected === false) end();
    },
    sayReady(facts) {
      starting.delete(agent);
      if (starting.size === 0) process.send?.({ type: 'ready', ...facts });
    },
  };
}

function end(): void {
  Promise.all(stops.map((stop) => stop())).then(
    () => process.exit(0),
    () => process.exit(1),
  );
}
