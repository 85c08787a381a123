import { describe, expect, it } from '@jest/globals';
import type { RatedChoice } from '../../../database/selection.repository.js';
import { reportOf } from './selection-report.js';

const settings = { learned: true, costWeight: 0, latencyWeight: 0, explore: 0.1 };
const choice = (agentId: string, change: Partial<RatedChoice> = {}): RatedChoice => ({
  agentId,
  baseAgentId: 'a',
  propensities: { a: 0.75, b: 0.25 },
  succeeded: true,
  latencyMs: 1_000,
  costUsd: 0.1,
  score: null,
  ...change,
});

describe('the report on selection', () => {
  /** Three of four choices fall on a, which fails half of its calls; b never does. */
  const choices = Array.from({ length: 400 }, (_, at) =>
    at % 4 === 3 ? choice('b') : choice('a', { succeeded: at % 8 < 3 ? at % 2 === 0 : at % 2 === 1 }),
  );

  it('tells what each agent alone, expected-completion and a random choice would have given', () => {
    const { policies, logged } = reportOf('sort', settings, choices);
    const valueOf = (name: string) => policies.find(({ policy }) => policy === name)?.value;
    const ofA = choices.filter(({ agentId }) => agentId === 'a');
    const mean = ofA.filter(({ succeeded }) => succeeded).length / ofA.length;
    expect(valueOf('agent:b')).toBeCloseTo(1);
    expect(valueOf('agent:a')).toBeCloseTo(mean);
    expect(valueOf('expected-completion')).toBeCloseTo(mean);
    expect(valueOf('random')).toBeCloseTo((1 + mean) / 2);
    expect(logged.value).toBeCloseTo((1 + 3 * mean) / 4);
    expect(logged.low).toBeLessThan(logged.value!);
  });

  it('weighs feedback, cost and latency', () => {
    const weights = { ...settings, costWeight: 2, latencyWeight: 0.1 };
    const { logged } = reportOf('sort', weights, [choice('a', { score: 0.8 }), choice('a', { score: 0.8 })]);
    expect(logged.value).toBeCloseTo(0.8 - 0.2 - 0.1);
  });

  it('says nothing where nothing was chosen', () => {
    expect(reportOf('sort', settings, [])).toMatchObject({ choices: 0, logged: { value: null, effectiveChoices: 0 } });
  });
});
