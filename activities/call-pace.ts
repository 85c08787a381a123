/** Few enough that the first of a thousand calls is sent after some milliseconds, not when all of them are prepared. */
const CALLS_A_TURN = 200;

/**
 * Lets so many calls of this worker go on in one turn of the event loop. What they send leaves before the next ones are
 * prepared, and their answers are worked on while the last ones are still with their agents.
 */
export class CallPace {
  private left = CALLS_A_TURN;
  private waiting: (() => void)[] = [];
  private isTurning = false;

  /** Undefined when the caller may go on at once. */
  turn(): Promise<void> | undefined {
    if (!this.isTurning) this.startTurn();
    if (this.left > 0) {
      this.left -= 1;
      return undefined;
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private startTurn(): void {
    this.isTurning = true;
    setImmediate(() => {
      const next = this.waiting.splice(0, CALLS_A_TURN);
      this.left = CALLS_A_TURN - next.length;
      if (next.length > 0) this.startTurn();
      else this.isTurning = false;
      for (const goOn of next) goOn();
    });
  }
}
