import type { ConsensusMethod } from '../../contracts/consensus.js';
import type { Json } from '../../contracts/json.js';
import { canonical } from './canonical.js';

/** A vote that counts. Choices are named by their canonical JSON. */
export interface Ballot {
  voter: string;
  vote: Json;
  reason?: string;
  confidence?: number;
  weight: number;
  /** Best first; equally good ones for approval and score. */
  choices: string[];
  /** Of each choice, where the voter gives numbers. */
  scores?: Map<string, number>;
}

/** What an answer says: a vote, nothing (null), or something that the method cannot count. */
export type ReadAnswer = Pick<Ballot, 'vote' | 'reason' | 'choices' | 'scores'> | 'abstained' | 'invalid';

/** A reason goes to every other voter. */
const REASON_CHARACTERS = 2_000;

/** `{vote, reason?}` is a vote with its reason, anything else the vote itself. The answer comes from outside. */
export function readAnswer(method: ConsensusMethod, answer: Json): ReadAnswer {
  const isWrapped = isRecord(answer) && Object.hasOwn(answer, 'vote');
  const vote = isWrapped ? (answer.vote ?? null) : answer;
  if (vote === null) return 'abstained';
  const counted = countable(method, vote);
  if (!counted) return 'invalid';
  const reason = isWrapped && typeof answer.reason === 'string' ? answer.reason.slice(0, REASON_CHARACTERS) : undefined;
  return { vote, ...counted, ...(reason === undefined ? {} : { reason }) };
}

/** The values that a vote names, as they would be the output. */
export function valuesOf(method: ConsensusMethod, vote: Json): Json[] {
  if (isScore(method)) return isRecord(vote) ? Object.keys(vote) : [];
  if (method === 'borda' || method === 'approval') return Array.isArray(vote) ? vote : [];
  return [vote];
}

function countable(method: ConsensusMethod, vote: Json): Pick<Ballot, 'choices' | 'scores'> | undefined {
  const choices = [...new Set(valuesOf(method, vote).map(canonical))];
  if (isScore(method)) {
    if (!isRecord(vote) || choices.length === 0) return undefined;
    const entries = Object.entries(vote);
    if (!entries.every((entry): entry is [string, number] => Number.isFinite(entry[1]))) return undefined;
    const scores = new Map(entries.map(([name, score]) => [canonical(name), score]));
    return { choices: choices.filter((choice) => (scores.get(choice) ?? 0) >= method.score), scores };
  }
  if (method === 'approval') return Array.isArray(vote) ? { choices } : undefined;
  return choices.length === 0 ? undefined : { choices };
}

const isScore = (method: ConsensusMethod): method is { score: number } => typeof method !== 'string';
const isRecord = (json: Json): json is Record<string, Json> =>
  json !== null && typeof json === 'object' && !Array.isArray(json);
