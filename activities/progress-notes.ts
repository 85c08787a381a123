import { type AgentSaid, mergeProgress, type ToldProgress, wholeText } from '../contracts/agent-progress.js';
import { gapAfter } from '../contracts/progress-event.js';

/**
 * Makes few notes of what a chatty agent says: the first at once, the others with gaps between them, each of all that was
 * said since the one before.
 */
export class ProgressNotes {
  private readonly startedAt = Date.now();
  private number = 0;
  private quietUntil = 0;
  private said: ToldProgress | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly tell: (told: ToldProgress, number: number) => void) {}

  add(said: AgentSaid): void {
    if (Object.keys(said).length === 0) return;
    this.said = mergeProgress(this.said ?? {}, said);
    this.timer ??= setTimeout(() => this.flush(), Math.max(0, this.quietUntil - Date.now()));
  }

  /** Tells the rest. */
  end(): void {
    this.flush();
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.said) return;
    const now = Date.now();
    this.quietUntil = now + gapAfter(now - this.startedAt);
    this.number += 1;
    this.tell(wholeText(this.said), this.number);
    this.said = undefined;
  }
}
