/** Why work is given up: a person canceled, the run's deadline passed, the rule was decided without it, or a budget ends. */
export type StopReason = 'canceled' | 'deadline' | 'lost' | 'budget';

/**
 * What ends together. A stopped scope's calls have the outcome `canceled` and new ones are not made: a pattern sees an
 * outcome, not an exception, and still says what it has so far.
 */
export class StopScope {
  private stoppedFor: StopReason | undefined;
  private drainedFor: StopReason | undefined;
  private readonly listeners = new Set<(reason: StopReason) => void>();

  constructor(private readonly outer?: StopScope) {}

  get reason(): StopReason | undefined {
    return this.stoppedFor ?? this.drainedFor ?? this.outer?.reason;
  }

  /** Nothing new begins; what is under way ends as it would, unless it is stopped as well. */
  drain(reason: StopReason): void {
    this.drainedFor ??= reason;
  }

  /** The first reason stands. */
  stop(reason: StopReason): void {
    if (this.stoppedFor !== undefined) return;
    this.stoppedFor = reason;
    const listeners = [...this.listeners];
    this.listeners.clear();
    for (const listener of listeners) listener(reason);
  }

  /** Calls `listener` once, at once when already stopped; the answer takes it back. */
  onStop(listener: (reason: StopReason) => void): () => void {
    if (this.stoppedFor !== undefined) {
      listener(this.stoppedFor);
      return () => undefined;
    }
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Ends with this one, or earlier on its own. */
  child(): StopScope {
    const child = new StopScope(this);
    this.onStop((reason) => child.stop(reason));
    return child;
  }
}
