import type { EventData } from '../events.js';
import { recordOf, listOf, textOf } from './loose.js';
import type { Place } from './place.js';
import { duration, excerpt, list } from './words.js';

type FinishedCall = EventData['call.finished'];

/** What a call adds to the story; nothing where a decision tells it better (bids, votes, reviews, choices). */
export function tellCall(call: FinishedCall, place: Place): string | undefined {
  const { kind, subject } = kindOf(place);
  if (kind === 'told elsewhere') return undefined;
  const agent = call.agent ?? 'nobody';
  // What the budget refused has an event of its own.
  if (call.status === 'canceled' || call.error?.code === 'agent.budget') return undefined;
  if (call.error?.asked) return `${subject}${agent} asks: ${excerpt(call.error.asked.question)}`;
  if (call.status === 'failed')
    return `${subject}${agent} failed${tries(call)}: ${call.error?.message ?? 'no reason given'}`;
  const effort = `in ${duration(call.execMs)}${tries(call)}`;
  const said = call.outputRef === undefined ? excerpt(call.output) : 'a large answer';
  switch (kind) {
    case 'member':
      return call.attempts > 1 ? `${subject}${agent} answered ${effort}` : undefined;
    case 'source':
      return `${agent} ${written(call)}`;
    case 'holder':
      return 'handoff' in recordOf(call.output) ? undefined : `${agent} answered ${effort}: ${said}`;
    case 'speaker':
      return `${agent}: ${said}`;
    case 'maker':
      return `${agent} made draft ${Number(place.rest[1] ?? 0) + 1}`;
    case 'reducer':
      return `${agent} put the answers together ${effort}: ${said}`;
    default:
      return `${subject}${agent} answered ${effort}: ${said}`;
  }
}

/** A failed attempt that led to another candidate. */
export function tellRetry({ agent, attempt, error }: EventData['call.retried'], place: Place): string | undefined {
  const { kind, subject } = kindOf(place);
  if (kind === 'told elsewhere') return undefined;
  return `${subject}${agent ?? 'nobody'} failed at attempt ${attempt} (${error.message}); the next candidate is asked`;
}

type Kind = 'leaf' | 'member' | 'source' | 'holder' | 'speaker' | 'maker' | 'reducer' | 'told elsewhere';

/** Which part a call has in its pattern is in the path of the call: `rounds/2/turn`, `sources/triage/1`. */
function kindOf({ rest, crowd, names }: Place): { kind: Kind; subject: string } {
  const [first, , third] = rest;
  if (first === undefined) {
    if (crowd === undefined) return { kind: 'leaf', subject: '' };
    return { kind: names.at(-1)?.includes('/') ? 'member' : 'leaf', subject: `${crowd.name}: ` };
  }
  if (first === 'sources') return { kind: 'source', subject: '' };
  if (first === 'turns') return { kind: 'holder', subject: '' };
  if (first === 'rounds' && third === 'turn') return { kind: 'speaker', subject: '' };
  if (first === 'revisions' && third === 'maker') return { kind: 'maker', subject: '' };
  if (first === 'stand-in') return { kind: 'leaf', subject: '' };
  if (first === 'reduce' || first === 'aggregate') return { kind: 'reducer', subject: '' };
  return { kind: 'told elsewhere', subject: '' };
}

/** What a source of a board added: the entries it wrote, or its answer as one entry. */
function written({ output, outputRef }: FinishedCall): string {
  if (outputRef !== undefined) return 'added a large entry';
  const { writes } = recordOf(output);
  if (!Array.isArray(writes)) return `added to the board: ${excerpt(output)}`;
  const entries = listOf(writes).map((write) => {
    const { section, key, remove } = recordOf(write);
    return `${remove === true ? 'took away ' : ''}${[section, key].map(textOf).filter(Boolean).join('/')}`;
  });
  return entries.length === 0 ? 'had nothing to add' : `wrote ${list(entries)}`;
}

const tries = ({ attempts }: FinishedCall): string => (attempts > 1 ? ` after ${attempts} attempts` : '');
