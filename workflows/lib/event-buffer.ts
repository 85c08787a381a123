import type { EventData, EventType, NewRunEvent } from '../../contracts/events.js';

/** Events since the last flush. Their keys are deterministic: a repeated flush writes nothing new. */
export class EventBuffer {
  private events: NewRunEvent[] = [];
  private readonly decisions = new Map<string, number>();

  get size(): number {
    return this.events.length;
  }

  add<Type extends EventType>(key: string, type: Type, data: EventData[Type]): void {
    this.events.push({ key, type, data } as NewRunEvent);
  }

  /** `path` without a leading slash, empty for the run itself. */
  decide(path: string, decision: EventData['decision']): void {
    const counter = (this.decisions.get(path) ?? 0) + 1;
    this.decisions.set(path, counter);
    this.add(['decision', path, counter].filter((part) => part !== '').join('/'), 'decision', {
      path: `/${path}`,
      ...decision,
    });
  }

  take(): NewRunEvent[] {
    const taken = this.events;
    this.events = [];
    return taken;
  }

  /** For a flush that may not have arrived. */
  putBack(events: NewRunEvent[]): void {
    this.events = [...events, ...this.events];
  }
}
