import type { Entry, Write } from './board.js';

const SHOWN = 100;

export interface Activation {
  /** `a1`, `a2`, …, in the order they were started. */
  id: string;
  source: string;
  cycle: number;
  /** `id@version` of the entries that had changed since the source read the board before. */
  causes: string[];
  /** `refused`: its writes came too late under `strong`, and the source acts again. */
  status: 'running' | 'completed' | 'failed' | 'canceled' | 'refused';
  /** `id@version` of the entries it wrote, supported or removed. */
  wrote: string[];
  refused: { section: string; key: string; reason: string }[];
  error?: { code: string; message: string };
}

/** Who is behind a write: an activation of a source, or what another run left in the memory. */
export type Actor = Pick<Activation, 'id' | 'source'>;

/** A write to an entry that had changed since its author read it, and what became of it. */
export interface Conflict {
  activation: string;
  section: string;
  key: string;
  author: string;
  /** Author of what stood there; null when it was removed. */
  standing: string | null;
  outcome: 'refused' | 'replaced' | 'kept_both' | 'decided';
}

/** What happened, in the order it happened. */
export class BoardLog {
  readonly activations: Activation[] = [];
  readonly conflicts: Conflict[] = [];
  private readonly notes: string[] = [];

  start(source: string, cycle: number, causes: string[]): Activation {
    const id = `a${this.activations.length + 1}`;
    const activation: Activation = { id, source, cycle, causes, status: 'running', wrote: [], refused: [] };
    this.activations.push(activation);
    return activation;
  }

  refuse(activation: Activation, { section, key }: { section: string; key: string }, reason: string): void {
    activation.refused.push({ section, key, reason });
  }

  warn(note: string): void {
    this.notes.push(note);
  }

  conflict({ id, source }: Actor, write: Write, standing: Entry | undefined, outcome: Conflict['outcome']): void {
    const { section, key } = write;
    this.conflicts.push({ activation: id, section, key, author: source, standing: standing?.author ?? null, outcome });
  }

  warnings(): string[] {
    const all = [
      ...this.notes,
      ...this.activations.flatMap(({ id, source, error, refused }) => [
        ...(error ? [`${source} failed (${id}): ${error.message}`] : []),
        ...refused.map(({ section, key, reason }) => `${source} could not write ${section}/${key} (${id}): ${reason}`),
      ]),
    ];
    const more = all.length - SHOWN;
    return more > 0 ? [...all.slice(0, SHOWN), `and ${more} more warnings`] : all;
  }
}
