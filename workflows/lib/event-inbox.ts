import { condition } from '@temporalio/workflow';
import type { CarriedRun } from '../../contracts/workflow-run.js';
import type { RunSignal } from '../../contracts/run-signals.js';
import type { Json } from '../../contracts/json.js';

/** A CloudEvent 1.0 as JSON. */
export type CloudEvent = { id: string; specversion: string; type: string; source: string } & { [name: string]: Json };

/** Events that nobody has consumed yet; further ones are lost. */
const MAX_EVENTS = 1_000;

/**
 * The events a run hears, in the order they came: each is consumed once, and one that came before anybody listened
 * waits. An event with the source and id of another one is the same.
 */
export class EventInbox {
  private events: CloudEvent[];
  private readonly seen: Set<string>;
  private heard: number;

  constructor(
    private readonly runId: string,
    { waiting = [], seen = [], heard = 0 }: Partial<CarriedRun['events']> = {},
  ) {
    this.events = waiting as CloudEvent[];
    this.seen = new Set(seen);
    this.heard = heard;
  }

  /** A signal that is no CloudEvent becomes one of its name. */
  receive({ name, data, id }: RunSignal, nowMs: number): void {
    this.heard += 1;
    this.add(asEvent(data) ?? this.eventOf(id ?? String(this.heard), name, data, nowMs));
  }

  add(event: CloudEvent): void {
    const key = JSON.stringify([event.source, event.id]);
    if (this.seen.has(key) || this.events.length >= MAX_EVENTS) return;
    this.seen.add(key);
    this.events.push(event);
  }

  carried(): CarriedRun['events'] {
    return { waiting: this.events, seen: [...this.seen], heard: this.heard };
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

function asEvent(data: Json): CloudEvent | undefined {
  if (data === null || typeof data !== 'object' || Array.isArray(data)) return undefined;
  const { id, specversion, type, source } = data;
  const isEvent = [id, specversion, type, source].every((attribute) => typeof attribute === 'string');
  return isEvent ? (data as CloudEvent) : undefined;
}
