import type { Value } from '../../contracts/values.js';
import { inline } from '../lib/values.js';

/** What was said so far. */
export interface Talk {
  input: Value;
  /** Of all that take part, in declared order. */
  names: string[];
  messages: { round: number; from: string; content: Value }[];
  /** Whose turn was the last, also when it failed. */
  last?: string;
  warnings: string[];
}

/** The talk as participants, managers and expressions see it. */
export function chatData({ input, names, messages }: Talk): { input: Value; participants: Value; messages: Value } {
  const list = messages.map(({ round, from, content }): Value => ({
    object: { round: inline(round), from: inline(from), content },
  }));
  return { input, participants: inline(names), messages: { list } };
}
