import type { EventStrategy, ReadAs } from './definition-events.js';
import type { CloudEvent } from './event-bus.js';
import type { Json } from './json.js';

/** What of a definition says which events start runs of it. */
export interface EventSchedule {
  version: string;
  on: EventStrategy;
  read: ReadAs;
}

/** Events that wait for others before a run is started with them. */
export interface EventGroup {
  heard: CloudEvent[];
  /** Filters that were met, by their indexes. */
  met: number[];
  correlated: [name: string, value: Json][];
}
