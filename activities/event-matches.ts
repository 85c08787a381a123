import type { EventFilter, EventStrategy } from '../contracts/definition-events.js';
import type { CloudEvent } from '../contracts/event-bus.js';
import type { EventGroup, EventSchedule } from '../contracts/event-schedules.js';
import type { Json } from '../contracts/json.js';
import { type Correlated, type FilterReader, fitsEvent } from '../workflows/language/interpreter/event-fit.js';
import { fieldProgram, templateProgram } from '../workflows/language/interpreter/template-program.js';
import { JqError, run } from '../workflows/language/jq/index.js';
import { Programs } from '../workflows/language/jq/programs.js';

/** What waits for its like: groups in all, and events of one. */
const MAX_GROUPS = 1_000;
const MAX_GROUP_EVENTS = 1_000;

/**
 * What a schedule makes of one more event: the groups that go on waiting, and the events of a group that is complete.
 * An event joins the oldest group that it fits, else it begins one; the oldest goes when there are a thousand.
 */
export async function hearScheduled(
  schedule: EventSchedule,
  groups: EventGroup[],
  event: CloudEvent,
): Promise<{ groups: EventGroup[]; match: CloudEvent[] | undefined }> {
  const reader = readerOfOneEvent();
  for (const [index, group] of groups.entries()) {
    const joined = await join(reader, schedule, group, event);
    if (!joined) continue;
    const others = groups.filter((other) => other !== group);
    return joined.isComplete
      ? { groups: others, match: joined.group.heard }
      : { groups: groups.with(index, joined.group), match: undefined };
  }
  const begun = await join(reader, schedule, { heard: [], met: [], correlated: [] }, event);
  if (!begun) return { groups, match: undefined };
  if (begun.isComplete) return { groups, match: begun.group.heard };
  return { groups: [...groups, begun.group].slice(-MAX_GROUPS), match: undefined };
}

interface Joined {
  group: EventGroup;
  isComplete: boolean;
}

/** The group with the event in it; undefined when it does not belong there. */
async function join(
  reader: FilterReader,
  { on, read }: Pick<EventSchedule, 'on' | 'read'>,
  group: EventGroup,
  event: CloudEvent,
): Promise<Joined | undefined> {
  if (group.heard.length >= MAX_GROUP_EVENTS) return undefined;
  const correlated: Correlated = new Map(group.correlated);
  const withEvent = (met = group.met): EventGroup => ({
    heard: [...group.heard, event],
    met,
    correlated: [...correlated],
  });
  if ('one' in on)
    return (await fits(reader, on.one, event, correlated)) ? { group: withEvent(), isComplete: true } : undefined;
  if ('all' in on) {
    const at = await firstFit(reader, on.all, group.met, event, correlated);
    if (at === undefined) return undefined;
    const met = [...group.met, at];
    return { group: withEvent(met), isComplete: met.length === on.all.length };
  }
  const { any, until } = on;
  const ends = typeof until === 'object' ? filtersOf(until) : [];
  const end = await firstFit(reader, ends, group.met, event, correlated);
  if (end !== undefined) {
    const met = [...group.met, end];
    const isComplete = typeof until === 'object' && 'all' in until ? met.length === ends.length : true;
    return { group: { ...group, met, correlated: [...correlated] }, isComplete };
  }
  if (any.length > 0 && (await firstFit(reader, any, [], event, correlated)) === undefined) return undefined;
  const joined = withEvent();
  if (until === undefined) return { group: joined, isComplete: true };
  return { group: joined, isComplete: typeof until === 'string' && holds(until, readEvents(joined.heard, read)) };
}

/** What the run is given of its events. */
export const readEvents = (events: CloudEvent[], read: EventSchedule['read']): Json[] =>
  events.map((event) => (read === 'envelope' ? event : (event.data ?? null)));

const filtersOf = (strategy: EventStrategy): EventFilter[] =>
  'one' in strategy ? [strategy.one] : 'all' in strategy ? strategy.all : strategy.any;

async function firstFit(
  reader: FilterReader,
  filters: EventFilter[],
  met: number[],
  event: CloudEvent,
  correlated: Correlated,
): Promise<number | undefined> {
  for (const [index, filter] of filters.entries())
    if (!met.includes(index) && (await fits(reader, filter, event, correlated))) return index;
  return undefined;
}

/** A filter whose expression fails does not fit: there is no run that could tell of it. */
async function fits(
  reader: FilterReader,
  filter: EventFilter,
  event: CloudEvent,
  correlated: Correlated,
): Promise<boolean> {
  const learned: Correlated = new Map(correlated);
  try {
    if (!(await fitsEvent(reader, filter, event, learned))) return false;
  } catch (error) {
    if (error instanceof JqError) return false;
    throw error;
  }
  for (const [name, value] of learned) correlated.set(name, value);
  return true;
}

function holds(condition: string, data: Json): boolean {
  try {
    const value = evaluate(fieldProgram(condition), data);
    return value !== null && value !== false;
  } catch (error) {
    if (error instanceof JqError) return false;
    throw error;
  }
}

/** No run, no variables: an expression sees the event alone. What it gives is known to the groups after the first. */
function readerOfOneEvent(): FilterReader {
  const known = new Map<Json, Map<string, Json>>();
  const once = async (text: string, data: Json, work: () => Json) => {
    const ofData = known.get(data) ?? new Map<string, Json>();
    known.set(data, ofData);
    const value = ofData.get(text) ?? work();
    ofData.set(text, value);
    return value;
  };
  return {
    field: (text, data) => once(`field ${text}`, data, () => evaluate(fieldProgram(text), data)),
    attribute: (text, value) => once(`attribute ${text}`, value, () => evaluateTemplate(text, value)),
    expected: (text) => once(`expected ${text}`, null, () => evaluateTemplate(text, null)),
    isFailure: (error) => error instanceof JqError,
  };
}

function evaluateTemplate(text: string, data: Json): Json {
  const program = templateProgram(text);
  return program === undefined ? text : evaluate(program, data);
}

const programs = new Programs();

function evaluate(program: string, data: Json): Json {
  const [first = null] = run(programs.compiled(program, []), data, {}, { now: Date.now() });
  return first;
}
