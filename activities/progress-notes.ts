import type { AgentSaid } from '../contracts/agent-progress.js';

/** What was said since the last note; `omitted` characters of the text did not fit. */
export type ToldProgress = AgentSaid & { omitted?: number };

const GAP_MS = 1_000;
/** Gaps grow with the work, so that a day of it has hundreds of notes rather than tens of thousands. */
const GAP_SHARE = 0.02;
const MAX_TEXT_LENGTH = 16_384;

/** How long nothing is told after a note, when the work has taken so long already. */
export const gapAfter = (elapsedMs: number): number => Math.max(GAP_MS, elapsedMs * GAP_SHARE);

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
    this.said = merged(this.said, said);
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
    this.tell(storable(this.said), this.number);
    this.said = undefined;
  }
}

function merged(before: ToldProgress = {}, { text, ...progress }: AgentSaid): ToldProgress {
  const all = { ...before, ...progress };
  if (text === undefined) return all;
  const room = MAX_TEXT_LENGTH - (before.text?.length ?? 0);
  const omitted = (before.omitted ?? 0) + Math.max(0, text.length - room);
  return { ...all, text: (before.text ?? '') + text.slice(0, room), ...(omitted > 0 && { omitted }) };
}

/** As Postgres takes it: pieces may end inside of a character. */
const storable = ({ text, ...said }: ToldProgress): ToldProgress =>
  text === undefined ? said : { ...said, text: text.replaceAll(/\p{Surrogate}|\0/gu, '\u{FFFD}') };
