import type { ExportFilter, OutputFilter } from './definition-parts.js';
import type { TaskList } from './definition-tasks.js';

/** What of an event is read: its data, the whole CloudEvent, or its data as it came. Default `data`. */
export type ReadAs = 'data' | 'envelope' | 'raw';

/** Attributes of a CloudEvent; in filters equality, a regular expression or `${ }`. */
export interface EventProperties {
  id?: string;
  source?: string;
  type?: string;
  time?: string;
  subject?: string;
  datacontenttype?: string;
  dataschema?: string;
  data?: unknown;
  [attribute: string]: unknown;
}

/** Events whose attributes fit `with`, and whose data agrees with that of the events before (`correlate`, by name). */
export interface EventFilter {
  with: EventProperties;
  correlate?: { [name: string]: { from: string; expect?: string } };
}

/** Which events are waited for: `one`, `all` of several, or `any` of several (none: of every type) `until`. */
export type EventStrategy = { one: EventFilter } | { all: EventFilter[] } | AnyEvent;

/** Any of several events, or of every type when none is named. */
export interface AnyEvent {
  any: EventFilter[];
  /** A condition, or events that end the wait and are no part of the output. */
  until?: string | EventStrategy;
}

/** What is done with each event or message as it comes. */
export interface EventIterator {
  /** Name of the variable that holds the event, default `item`. */
  item?: string;
  /** Name of the variable that holds its index, default `index`. */
  at?: string;
  do?: TaskList;
  output?: OutputFilter;
  export?: ExportFilter;
}
