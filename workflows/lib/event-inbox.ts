import { condition } from '@temporalio/workflow';
import type { CarriedRun } from '../../contracts/workflow-run.js';
import type { RunSignal } from '../../contracts/run-signals.js';
import type { CloudEvent, NumberedEvent } from '../../contracts/event-bus.js';
import type { Json } from '../../contracts/json.js';

/** Events that nobody has consumed yet; further ones are lost. Together they fit into what a new history is given. */
const MAX_EVENTS = 1_000;
const MAX_BYTES = 1_048_576;
/** Ids that are remembered, so that a repeated event is known. */
const MAX_SEEN = 5_000;

/**
 * The events a run hears, in the order they came: each is consumed once, and one that came before anybody listened
 * waits. An event with the source and id of another one is the same. Those of the bus are numbered: one that comes
 * before its turn is held back, so that a repeated or overtaken delivery changes nothing.
 */
export class EventInbox {
  private events: CloudEvent[];
  private readonly seen: Set<string>;
  private heard: number;
  /** Number of the next event of the bus. */
  private next: number;
  private readonly early: Map<number, CloudEvent>;
  private bytes = 0;

  constructor(
    private readonly runId: string,
    { waiting = [], seen = [], heard = 0, next = 1, early = [] }: Partial<CarriedRun['events']> = {},
    private readonly onDropped: (event: CloudEvent) => void = () => undefined,
  ) {
    this.events = waiting as CloudEvent[];
    this.bytes = this.events.reduce((sum, event) => sum + bytesOf(event), 0);
    this.seen = new Set(seen);
    this.heard = heard;
    this.next = next;
    this.early = new Map(early.map(({ number, event }) => [number, event]));
  }

  /** Events of the bus, each in its turn. */
  receiveNumbered(events: NumberedEvent[]): void {
    for (const { number, event } of events) if (number >= this.next) this.early.set(number, event);
    for (let event = this.early.get(this.next); event; event = this.early.get(this.next)) {
      this.early.delete(this.next);
      this.next += 1;
      this.add(event);
    }
  }

  /** A signal that is no CloudEvent becomes one of its name. */
  receive({ name, data, id }: RunSignal, nowMs: number): void {
    this.heard += 1;
    this.add(asEvent(data) ?? this.eventOf(id ?? String(this.heard), name, data, nowMs));
  }

  add(event: CloudEvent): void {
    const key = JSON.stringify([event.source, event.id]);
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (this.seen.size > MAX_SEEN) this.seen.delete(this.seen.values().next().value as string);
    const bytes = bytesOf(event);
    if (this.events.length >= MAX_EVENTS || this.bytes + bytes > MAX_BYTES) return this.onDropped(event);
    this.bytes += bytes;
    this.events.push(event);
  }

  carried(): CarriedRun['events'] {
    const early = [...this.early].map(([number, event]) => ({ number, event }));
    return { waiting: this.events, seen: [...this.seen], heard: this.heard, next: this.next, early };
  }

  /** The first event that fits and was not consumed; undefined when `isOver` first. */
  async take(fits: (event: CloudEvent) => Promise<boolean>, isOver: () => boolean): Promise<CloudEvent | undefined> {
    const refused = new Set<CloudEvent>();
    const next = () => this.events.find((event) => !refused.has(event));
    for (;;) {
      await condition(() => isOver() || next() !== undefined);
      const event = isOver() ? undefined : next();
      if (!event) return undefined;
      if (await fits(event)) {
        // Another one may have taken it meanwhile.
        if (this.events.includes(event)) {
          this.events = this.events.filter((other) => other !== event);
          this.bytes -= bytesOf(event);
          return event;
        }
      }
      refused.add(event);
    }
  }

  private eventOf(id: string, type: string, data: Json, nowMs: number): CloudEvent {
    const source = `https://brikk.dev/runs/${this.runId}/signals`;
    return { id, specversion: '1.0', type, source, time: new Date(nowMs).toISOString(), data };
  }
}

const bytesOf = (event: CloudEvent): number => JSON.stringify(event).length;

function asEvent(data: Json): CloudEvent | undefined {
  if (data === null || typeof data !== 'object' || Array.isArray(data)) return undefined;
  const { id, specversion, type, source } = data;
  const isEvent = [id, specversion, type, source].every((attribute) => typeof attribute === 'string');
  return isEvent ? (data as CloudEvent) : undefined;
}
