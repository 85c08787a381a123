import { describe, expect, it } from '@jest/globals';
import type { AgentRequest } from '../contracts/agent-protocol.js';
import type { Json } from '../contracts/json.js';
import { violationsOf } from '../connectors/lib/check-output.js';
import { isNotice, questionOf } from './llm-questions.js';

const ask = (kind: AgentRequest['kind'], input: Json, role?: string) =>
  questionOf({ kind, input, context: role === undefined ? {} : { role } });
const fits = (question: ReturnType<typeof ask>, answer: Json) => violationsOf(question!.schema, answer).length === 0;

describe('what a model is asked for', () => {
  it('is nothing but the work for a task', () => {
    expect(ask('task', 1)).toBeUndefined();
  });

  it('is an offer or a refusal for a bid', () => {
    const question = ask('bid', {});
    expect(fits(question, { bid: { price: 1, etaMs: 5 } })).toBe(true);
    expect(fits(question, { refuse: { reason: 'busy' } })).toBe(true);
    expect(fits(question, { bid: { price: -1, etaMs: 5 } })).toBe(false);
  });

  it('is a graph of allowed tasks, or a list of items, for a plan', () => {
    const graph = ask('plan', { goal: 'g', allow: ['write'], maxTasks: 1 });
    const task = { id: 'a', capability: 'write' };
    expect(fits(graph, { plan: { tasks: [task] } })).toBe(true);
    expect(fits(graph, { plan: { tasks: [task, { ...task, id: 'b' }] } })).toBe(false);
    expect(fits(graph, { plan: { tasks: [{ id: 'a', capability: 'fly' }] } })).toBe(false);
    expect(fits(ask('plan', { text: 't' }), { plan: [1, 2] })).toBe(true);
    expect(fits(ask('plan', 'text'), { plan: 'none' })).toBe(false);
  });

  it.each<[string, Json, string | undefined, Json, Json]>([
    ['judge', { input: 1, output: 2 }, 'judge', { score: 0.5, reasons: ['x'] }, { score: 2 }],
    ['checker', { draft: 1 }, 'checker', { approve: false, reasons: [] }, { approve: 'no' }],
    ['tie-breaker', { candidates: ['a', { b: 1 }] }, 'tie-breaker', { b: 1 }, 'c'],
    [
      'manager',
      { input: 1, allow: ['w'], maxFanOut: 1 },
      'manager',
      { subtasks: [{ id: 'a', capability: 'w' }] },
      { subtasks: [{ id: 'a', capability: 'x' }] },
    ],
    ['ruling', { escalation: 'failure' }, 'manager', { reassign: { capability: 'x' } }, { accept: 'yes' }],
    ['speaker', { participants: ['ann'], messages: [] }, 'manager', { next: 'ann', reason: 'r' }, { next: 'bob' }],
    [
      'ledger',
      { question: 'ledger' },
      'ledger',
      { satisfied: true, looping: false, progressing: true },
      { satisfied: true },
    ],
    ['order', { question: 'order' }, 'prioritiser', { order: ['a'] }, ['a']],
    ['next', { question: 'next', eligible: [{ name: 'a' }] }, 'next', { activate: ['a'] }, { activate: ['b'] }],
    ['value', { question: 'value' }, 'value', { value: 1 }, { value: 'much' }],
    ['conflict', { question: 'conflict' }, 'conflict', { keep: 'standing' }, { keep: 'both' }],
    ['clean', { question: 'clean' }, 'clean', { remove: ['e1'] }, { remove: 'e1' }],
  ])('is a decision in the shape of its pattern: %s', (_what, input, role, right, wrong) => {
    const question = ask('decide', input, role);
    expect(fits(question, { decision: right })).toBe(true);
    expect(fits(question, { decision: wrong })).toBe(false);
  });

  it('is any decision where no pattern asks', () => {
    expect(fits(ask('decide', { free: true }), { decision: ['anything'] })).toBe(true);
    expect(fits(ask('decide', null), {})).toBe(false);
  });

  it('is nothing when a bidder is told of its offer', () => {
    expect(isNotice({ kind: 'decide', input: { award: 'reject' } })).toBe(true);
    expect(isNotice({ kind: 'task', input: { award: 'reject' } })).toBe(false);
    expect(isNotice({ kind: 'decide', input: 'award' })).toBe(false);
  });
});
