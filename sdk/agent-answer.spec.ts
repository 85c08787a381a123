import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { ANSWER_SCHEMAS, type RequestKind } from '../contracts/agent-protocol.js';
import { inputRequiredSchema } from '../contracts/input-required.js';
import type { Json } from '../contracts/json.js';
import { answersKind, handleRequest, kindsOf } from './agent-answer.js';
import { AgentState } from './agent-state.js';
import { BrikkClient } from './client.js';
import { type AgentRoom, type CapabilityOptions, Deferred, InputRequired } from './agent-options.js';

const { memory } = new BrikkClient({ url: 'http://127.0.0.1:9', apiKey: 'k' });
const room: AgentRoom = {
  log: pino({ level: 'silent' }),
  state: new AgentState(memory, () => 'a'),
  session: () => Promise.reject(new Error('no session')),
};

const estimate: CapabilityOptions = {
  handler: () => 'done',
  bid: (call) => ((call as { hours: number }).hours > 8 ? { refuse: 'too long' } : { price: 2, etaMs: 50 }),
  plan: () => ({ tasks: [] }),
  decide: (_, { report }) => {
    report({ confidence: 0.7 });
    return 'left';
  },
};
const ask = async (capability: CapabilityOptions, kind: RequestKind, input: object = {}, context: Json = null) => {
  const answer = await handleRequest(
    capability,
    {
      request: {
        kind,
        capability: 'estimate',
        input: input as never,
        context,
        deadlineMs: 1_000,
        run: { id: 'r', step: '/', attempt: 1 },
        idempotencyKey: 'k',
      },
      traceparent: undefined,
    },
    new AbortController().signal,
    room,
  );
  if (answer instanceof Deferred) throw new Error('the answer comes later');
  return answer;
};

describe('a capability', () => {
  it('answers each kind of request as the protocol says', async () => {
    for (const kind of ['task', 'bid', 'plan', 'decide'] as const)
      expect({ kind, fits: ANSWER_SCHEMAS[kind].safeParse(await ask(estimate, kind)).success }).toEqual({
        kind,
        fits: true,
      });
    expect(await ask(estimate, 'bid', { hours: 9 })).toEqual({ refuse: { reason: 'too long' } });
    expect(await ask(estimate, 'decide')).toEqual({ decision: 'left', confidence: 0.7 });
  });

  it('is asked only for what it has a function for', () => {
    expect(kindsOf({ handler: () => 1, plan: () => 2 })).toEqual(['task', 'plan']);
    expect(answersKind(estimate, 'bid')).toBe(true);
  });

  it('fails with a bid that is none', async () => {
    const broken = { ...estimate, bid: () => ({ price: -1, etaMs: 1 }) };
    await expect(ask(broken, 'bid')).rejects.toMatchObject({
      status: 500,
      message: expect.stringContaining('the bid'),
    });
  });

  it('may have to know something first: its question is the answer, and those to it come with the next call', async () => {
    const curious: CapabilityOptions = {
      handler: (_, { answers, report }) => {
        report({ usage: { costUsd: 1 } });
        if (answers.length === 0) throw new InputRequired('Which?', { type: 'string' });
        return answers[0]?.answer;
      },
    };
    const asked = await ask(curious, 'task');
    expect(inputRequiredSchema.parse(asked)).toEqual({
      inputRequired: { question: 'Which?', schema: { type: 'string' } },
    });
    expect(asked.usage).toEqual({ costUsd: 1 });
    expect(await ask(curious, 'task', {}, { answers: [{ question: 'Which?', answer: 'both' }] })).toMatchObject({
      output: 'both',
    });
  });
});
