import type { EventData, RunEvent } from '../events.js';
import { type Loose, recordOf } from './loose.js';
import { type Place, placeOf } from './place.js';
import { tellCall, tellRetry } from './tell-call.js';
import { tellDecision } from './tell-decision.js';
import { tellSettlement } from './tell-market.js';
import { tellRunEvent } from './tell-run.js';
import { list } from './words.js';

/** One thing that happened, in plain words. */
export interface StoryLine {
  /** Of the event that it tells. */
  position: number;
  at: string;
  /** Where in the run, from the outside in: `['fix']`; empty for the run itself. */
  place: string[];
  text: string;
  /** Whether something went wrong. */
  isTrouble: boolean;
}

/** What an event stream has told so far; lines are only ever added. */
export interface Story {
  /** Position of the last event taken in. */
  position: number;
  lines: StoryLine[];
  memory: Memory;
}

interface Memory {
  acceptedAt?: string;
  /** By the path of a market: a round of bidding that is told together with its award. */
  bids: Record<string, Draft>;
  /** By the path of parallel work: who did it. */
  crowds: Record<string, string[]>;
  /** By place and kind: how many lines, and the last of them, which is not said twice. */
  told: Record<string, { lines: number; last: string }>;
}
type Draft = Omit<StoryLine, 'position'>;

/** An event as this or a newer platform writes it. */
export type StoryEvent = Pick<RunEvent, 'position' | 'at'> & { type: string; data: unknown };

/** A hundred failures are told like ten. */
const MOST_OF_A_KIND = 10;

export const emptyStory: Story = { position: 0, lines: [], memory: { bids: {}, crowds: {}, told: {} } };

/** The story of all events; they must be in order. */
export const tellRun = (events: Iterable<StoryEvent>): Story => {
  let story = emptyStory;
  for (const event of events) story = reduceStory(story, event);
  return story;
};

/**
 * The story after one more event. An event that was taken in before, or that needs no words, adds nothing; so does one of
 * a type that this version does not know.
 */
export function reduceStory(story: Story, event: StoryEvent): Story {
  if (event.position <= story.position) return story;
  const { lines, memory } = tell(story.memory, event);
  const added = lines.map((line) => ({ position: event.position, ...line }));
  return { position: event.position, lines: added.length > 0 ? [...story.lines, ...added] : story.lines, memory };
}

interface Told {
  lines: Draft[];
  memory: Memory;
}

function tell(memory: Memory, { type, at, data }: StoryEvent): Told {
  switch (type as RunEvent['type']) {
    case 'call.finished':
      return finishedCall(memory, at, data as EventData['call.finished']);
    case 'call.retried': {
      const call = data as EventData['call.retried'];
      const given = placeOf(pathOf(call));
      const place = ofTheWhole(given);
      return limited(memory, 'retry', { ...draft(at, place, tellRetry(call, given)), isTrouble: true }, place);
    }
    case 'decision':
      return decided(memory, at, recordOf(data));
    case 'market.settled': {
      const settled = data as EventData['market.settled'];
      const place = placeOf(settled.path);
      const isTrouble = ['late', 'defaulted'].includes(settled.outcome);
      return limited(
        memory,
        `settled ${settled.outcome}`,
        { ...draft(at, place, tellSettlement(settled)), isTrouble },
        place,
      );
    }
    default: {
      const known = type === 'run.accepted' ? { ...memory, acceptedAt: at } : memory;
      const { text, path = '/', isTrouble = false } = tellRunEvent(type, recordOf(data), { at, ...memory });
      const place = ofTheWhole(placeOf(path));
      const line = { ...draft(at, place, text), isTrouble };
      const open = type === 'run.finished' ? takeBids(known) : { lines: [], memory: known };
      const told = limited(open.memory, type === 'budget.refused' ? 'failure' : type, line, place);
      return { lines: [...open.lines, ...told.lines], memory: told.memory };
    }
  }
}

function finishedCall(memory: Memory, at: string, call: EventData['call.finished']): Told {
  const given = placeOf(pathOf(call));
  const place = ofTheWhole(given);
  const known = call.status === 'completed' && place.crowd ? withMember(memory, place.crowd.path, call.agent) : memory;
  const isTrouble = call.status === 'failed';
  const line = { ...draft(at, place, tellCall(call, given)), isTrouble };
  return limited(known, isTrouble ? 'failure' : 'answer', line, place);
}

function decided(known: Memory, at: string, decision: Loose): Told {
  const path = typeof decision.path === 'string' ? decision.path : '/';
  // Who decides within a market before there is an award stands in for it.
  const { lines: unsold, memory } = takeBids(
    known,
    (market) => path.startsWith(market === '/' ? '/' : `${market}/`) && path !== market,
  );
  const told = decidedHere(memory, at, path, decision);
  return { lines: [...unsold, ...told.lines], memory: told.memory };
}

function decidedHere(memory: Memory, at: string, path: string, decision: Loose): Told {
  const place = placeOf(path);
  const line = draft(at, place, tellDecision(decision, doneBy(memory.crowds[path] ?? [])));
  const open = memory.bids[path];
  if (decision.what === 'bids') {
    const bids = { ...memory.bids, [path]: line };
    return { lines: open ? [open] : [], memory: { ...memory, bids } };
  }
  if (!open) return limited(memory, `decision ${String(decision.what)}`, line, place);
  const { [path]: _told, ...bids } = memory.bids;
  const lines = decision.what === 'award' ? [{ ...line, text: `${open.text}; ${line.text}` }] : [open, line];
  return { lines, memory: { ...memory, bids } };
}

/** A branch or item has no section of its own when it is a single call: its line belongs to the whole. */
const ofTheWhole = (place: Place): Place =>
  place.rest.length === 0 && place.crowd ? { ...place, names: place.names.slice(0, -1) } : place;

/** Bids without an award: nobody won. */
function takeBids(memory: Memory, isMeant: (market: string) => boolean = () => true): Told {
  const all = Object.entries(memory.bids);
  const meant = all.filter(([market]) => isMeant(market));
  if (meant.length === 0) return { lines: [], memory };
  const bids = Object.fromEntries(all.filter(([market]) => !isMeant(market)));
  return { lines: meant.map(([, line]) => line), memory: { ...memory, bids } };
}

function withMember(memory: Memory, path: string, agent: string | null): Memory {
  const members = memory.crowds[path] ?? [];
  if (agent === null || members.includes(agent)) return memory;
  return { ...memory, crowds: { ...memory.crowds, [path]: [...members, agent] } };
}

const doneBy = (members: string[]): string => (members.length === 0 ? '' : ` by ${list(members)}`);

/** Adds the line while there are few of its kind at its place; trouble is told of those behind the first, too. */
function limited(memory: Memory, kind: string, line: Draft, place: Place): Told {
  if (line.text === '' || (place.isBeyond && !line.isTrouble)) return { lines: [], memory };
  // A step that is one call has said already that the call failed.
  if (kind === 'step.finished' && memory.told[keyOf('failure', line, place)]) return { lines: [], memory };
  const key = keyOf(kind, line, place);
  const before = memory.told[key] ?? { lines: 0, last: '' };
  if (before.lines > MOST_OF_A_KIND || before.last === line.text) return { lines: [], memory };
  const told = { ...memory.told, [key]: { lines: before.lines + 1, last: line.text } };
  const isLast = before.lines === MOST_OF_A_KIND;
  const text = isLast ? 'more of the same: the trace has each' : line.text;
  return { lines: [{ ...line, text }], memory: { ...memory, told } };
}

/** All that lies behind the first of a crowd is counted together. */
const keyOf = (kind: string, line: Draft, { isBeyond }: Place): string =>
  `${kind} ${isBeyond ? '' : line.place.join('/')}`;

const draft = (at: string, { names }: Place, text: string | undefined): Draft => ({
  at,
  place: names,
  text: text ?? '',
  isTrouble: false,
});

const pathOf = ({ path, callKey }: { path?: string; callKey: string }): string =>
  path ?? (callKey === 'call' ? '/' : `/${callKey}`);
