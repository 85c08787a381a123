import { splitWords, STOP_WORDS } from './words.js';

interface Message {
  from: string;
  content: unknown;
}

const SAID_BEFORE = 0.8;

/**
 * Who speaks next: who has said least, the first named among equals. The talk ends when everyone was heard and the last
 * message holds hardly a word that is new.
 */
export function nextSpeaker(
  participants: readonly string[],
  messages: readonly Message[],
): { next: string; reason: string } | { end: true; reason: string } {
  const turns = (name: string) => messages.filter(({ from }) => from === name).length;
  const [least] = participants.toSorted((one, other) => turns(one) - turns(other));
  if (least === undefined) return { end: true, reason: 'nobody takes part' };
  if (turns(least) === 0) return { next: least, reason: 'was not heard yet' };
  const words = contentWords(messages.at(-1)?.content);
  const before = new Set(messages.slice(0, -1).flatMap(({ content }) => [...contentWords(content)]));
  const repeated = [...words].filter((word) => before.has(word)).length;
  if (words.size === 0 || repeated / words.size >= SAID_BEFORE)
    return { end: true, reason: 'everyone was heard, and nothing new was said' };
  return { next: least, reason: 'has said least' };
}

function contentWords(content: unknown): Set<string> {
  const text = typeof content === 'string' ? content : JSON.stringify(content ?? '');
  return new Set(splitWords(text).filter((word) => word.length > 2 && !STOP_WORDS.has(word)));
}
