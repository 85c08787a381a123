import type { Json } from '../../../contracts/json.js';
import { isObject } from '../board-writes.js';

/** jq: what the planner keeps beside its tasks; null when it keeps no ledger. */
export const LEDGER = 'if type == "object" then .ledger else null end';

/** jq: what of an answer the judgement is read from; the rest may be large. */
export const JUDGEMENT =
  'if type == "object" then {satisfied, looping, progressing, next, reason, hasLedger: has("ledger"), hasSummary: has("summary")} else null end';

/** How a round stands: the questions of the progress ledger (A. Fourney et al., "Magentic-One", arXiv 2411.04468). */
export interface Judgement {
  satisfied: boolean;
  looping: boolean;
  progressing: boolean;
  /** Open tasks that are done again, and what they are told. */
  next: { id: string; instruction?: string }[];
  reason?: string;
  /** The answer also brings the ledger up to date. */
  hasLedger: boolean;
  hasSummary: boolean;
}

const MAX_TEXT = 4_096;

/** Undefined when the answer is no judgement; tasks that are not `open` are left out of its `next`. */
export function readJudgement(answer: Json | undefined, open: ReadonlySet<string>): Judgement | undefined {
  if (!isObject(answer)) return undefined;
  const { satisfied, looping, progressing, next, reason, hasLedger, hasSummary } = answer;
  if (typeof satisfied !== 'boolean' || typeof looping !== 'boolean' || typeof progressing !== 'boolean')
    return undefined;
  const byId = new Map<string, Judgement['next'][number]>();
  for (const wish of Array.isArray(next) ? next : []) {
    const { id, instruction } = isObject(wish) ? wish : { id: wish };
    if (typeof id !== 'string' || !open.has(id)) continue;
    byId.set(id, typeof instruction === 'string' ? { id, instruction: instruction.slice(0, MAX_TEXT) } : { id });
  }
  return {
    satisfied,
    looping,
    progressing,
    next: [...byId.values()],
    ...(typeof reason === 'string' ? { reason: reason.slice(0, MAX_TEXT) } : {}),
    hasLedger: hasLedger === true,
    hasSummary: hasSummary === true,
  };
}

/** Without a ledger the facts judge: work that was finished is progress, and the plan is good when all of it is done. */
export function judgeFacts({ open, finished }: { open: number; finished: number }): Judgement {
  return {
    satisfied: open === 0,
    looping: false,
    progressing: finished > 0,
    next: [],
    hasLedger: false,
    hasSummary: false,
  };
}

/** One more when the round brought nothing or goes in circles, otherwise one less, not below 0. */
export function nextStalls(stalls: number, { progressing, looping }: Pick<Judgement, 'progressing' | 'looping'>) {
  return !progressing || looping ? stalls + 1 : Math.max(0, stalls - 1);
}
