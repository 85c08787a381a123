import type { Json } from '../contracts/json.js';
import type { Feedback } from '../contracts/feedback.js';
import type { RunKind } from '../contracts/patterns.js';
import type { Contribution } from '../contracts/runs.js';
import { canonicalJson } from './canonical-json.js';

/** A completed call as far as feedback is concerned. `output` is undefined when it is stored apart. */
export interface RatedCall {
  agentId: string;
  role: string | null;
  round: number | null;
  output: Json | undefined;
}

/** A run that is rated as a whole. */
export interface RatedRun {
  pattern: RunKind;
  output: Json | undefined;
  calls: RatedCall[];
}

/**
 * What the score of a run says of each agent that worked in it. In a consensus it is the choice that was rated: who voted
 * for something else in the last round gets the rest to 1.
 */
export function scoresOfRun({ pattern, output, calls }: RatedRun, score: number): Map<string, number> {
  const last = Math.max(0, ...calls.map(({ round }) => round ?? 0));
  const scores = new Map<string, number>();
  for (const { agentId, role, round, output: answer } of calls) {
    const isVote = pattern === 'consensus' && role === 'voter';
    if (isVote && (round !== last || answer === undefined || output === undefined || output === null)) continue;
    scores.set(agentId, !isVote || agrees(answer ?? null, output ?? null) ? score : 1 - score);
  }
  return scores;
}

/** The calls with what was said of them: the mean of everybody's scores. */
export function withScores(
  contributions: Contribution[],
  feedback: readonly Pick<Feedback, 'callKey' | 'score'>[],
): Contribution[] {
  if (feedback.length === 0) return contributions;
  return contributions.map((call) => {
    const given = feedback.filter(({ callKey }) => callKey === call.callKey);
    if (given.length === 0) return call;
    return { ...call, score: given.reduce((sum, { score }) => sum + score, 0) / given.length };
  });
}

/** Whether a vote is for this choice: it is the choice, names it among others, or gives it the highest number. */
function agrees(answer: Json, choice: Json): boolean {
  const vote = isObject(answer) && Object.hasOwn(answer, 'vote') ? answer.vote! : answer;
  if (isSame(vote, choice)) return true;
  if (Array.isArray(vote)) return vote.some((one) => isSame(one, choice));
  if (!isObject(vote) || typeof choice !== 'string') return false;
  const numbers = Object.values(vote).filter((value) => typeof value === 'number');
  return numbers.length > 0 && vote[choice] === Math.max(...numbers);
}

/**
 * In which of an agent's capabilities a run has used it: those that its parameters name, the first one when they name
 * none. `capabilities` come as the agent declares them.
 */
export function usedCapabilities(params: Json, capabilities: readonly string[]): string[] {
  const named = new Set(namesIn(params));
  const used = capabilities.filter((name) => named.has(name));
  return used.length > 0 ? used : capabilities.slice(0, 1);
}

function namesIn(params: Json): string[] {
  if (Array.isArray(params)) return params.flatMap(namesIn);
  if (!isObject(params)) return [];
  return Object.entries(params).flatMap(([field, value]) => {
    if (field === 'capability' && typeof value === 'string') return [value];
    if (field === 'allow' && Array.isArray(value)) return value.filter((one) => typeof one === 'string');
    return namesIn(value);
  });
}

const isSame = (one: Json, other: Json) => canonicalJson(one) === canonicalJson(other);
const isObject = (json: Json): json is Record<string, Json> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);
