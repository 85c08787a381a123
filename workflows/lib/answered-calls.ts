import type { ApprovalTerms } from '../../contracts/approvals.js';
import type { CallError } from '../../contracts/runs.js';
import type { CallResult } from '../../contracts/run-workflow.js';
import type { Value } from '../../contracts/values.js';
import type { GateQuestion } from './approval-gate.js';
import type { Ruling } from './approvals.js';
import { canceledCall } from './call-outcomes.js';
import type { SizedCall } from './sized-call.js';
import { inline } from './values.js';

/** An agent that asks on and on is not getting anywhere. */
const MAX_QUESTIONS = 10;
/** A day, and then the call has failed. */
const USUAL_TERMS: ApprovalTerms = { dueMs: 86_400_000, onTimeout: 'reject' };

type AskAt = (key: string, terms: ApprovalTerms, question: GateQuestion) => Promise<Ruling>;
type Send = (calls: SizedCall[]) => Promise<CallResult[][]>;

const questionOf = ({ error }: CallResult): CallError['asked'] =>
  error?.code === 'agent.input_required' ? error.asked : undefined;

export const asksSomething = (outcomes: CallResult[]): boolean => {
  const last = outcomes.at(-1);
  return last !== undefined && questionOf(last) !== undefined;
};

/**
 * Calls whose agents asked something instead of answering: a person is asked, and the agent again, with all answers so far
 * in `context.answers`, under a key of its own. `known` keeps the questions of calls that followed others: whoever makes
 * such a call again finds it there.
 */
export async function answeredCalls(
  calls: SizedCall[],
  outcomes: CallResult[][],
  known: Map<string, CallResult>,
  { askAt, send }: { askAt: AskAt; send: Send },
): Promise<CallResult[][]> {
  return Promise.all(
    outcomes.map(async (made, position) => {
      const call = calls[position] as SizedCall;
      const last = made.at(-1);
      if (last === undefined || !asksSomething(made)) return made;
      if (made.length === 1) return [await answered(call, last, { askAt, send })];
      known.set(last.key, last);
      return made.slice(0, -1);
    }),
  );
}

async function answered(
  first: SizedCall,
  outcome: CallResult,
  { askAt, send }: { askAt: AskAt; send: Send },
): Promise<CallResult> {
  const { key } = first.call;
  const answers: Value[] = [];
  let last = outcome;
  for (let number = 1; number <= MAX_QUESTIONS; number += 1) {
    const asked = questionOf(last);
    if (!asked) return last;
    const terms = { ...(first.persons ?? USUAL_TERMS), schema: asked.schema };
    const question: GateQuestion = { kind: 'question', subject: first.call.input, number, words: asked.question };
    const ruling = await askAt(key === 'call' ? '' : key, terms, question);
    if (ruling.kind === 'stopped') return canceledCall(first.call);
    if (ruling.kind === 'rejected') return { ...last, error: refusal(`${last.error?.message}; ${ruling.why}`) };
    const answer = ruling.kind === 'answered' ? ruling.data : inline(true);
    answers.push({ object: { question: inline(asked.question), answer } });
    const [made] = await send([askedAgain(first, asked.agentId, answers)]);
    last = made?.at(-1) ?? last;
  }
  return last;
}

const refusal = (message: string): CallError => ({ code: 'approval.rejected', message, retryable: false });

/** Of the agent that asked: another one may have another question. */
function askedAgain(
  { call, terms, bytes, termsBytes }: SizedCall,
  agentId: string | undefined,
  answers: Value[],
): SizedCall {
  const own = call.context && 'object' in call.context ? call.context.object : {};
  const context: Value = { object: { ...own, answers: { list: answers } } };
  const key = `${call.key === 'call' ? '' : `${call.key}/`}answers/${answers.length}`;
  const target = agentId === undefined ? call.target : { ...call.target, agent: agentId };
  return {
    call: { ...call, key, context, target },
    terms: { ...terms, target },
    termsBytes,
    bytes: bytes + 512,
    following: [],
  };
}
