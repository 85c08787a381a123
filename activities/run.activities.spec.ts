import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { Value } from '../contracts/run-workflow.js';
import { createRunActivities } from './run.activities.js';

const run = { orgId: 'org-1', runId: 'run-1' };

function createHouse() {
  const stored = new Map<string, Json>([['big', { list: [1, 2, 3] }]]);
  const activities = createRunActivities({
    events: { append: () => Promise.resolve() },
    finishRun: () =>
      Promise.reject(new BrikkError('dependency.unavailable', 'Postgres does not answer', { retryAfterMs: 1_000 })),
    payloads: {
      store: (_org, _run, json) => {
        stored.set('new', json);
        return Promise.resolve({ ref: 'new', bytes: JSON.stringify(json).length });
      },
      materialise: (_org, value: Value) =>
        Promise.resolve('inline' in value ? value.inline : 'ref' in value ? (stored.get(value.ref) as Json) : null),
    },
  });
  return { activities, stored };
}
const big: Value = { ref: 'big', bytes: 100 };
const failureOf = (failing: Promise<unknown>) => failing.catch((error: unknown) => error);

describe('createRunActivities', () => {
  it('evaluates jq over stored values and variables', async () => {
    const { activities } = createHouse();
    const variables = { factor: { inline: 10 } };
    expect(await activities.evaluate({ ...run, program: '[.list[] * $factor]', input: big, variables })).toEqual({
      inline: [10, 20, 30],
    });
  });

  it('stores a large result and gives its reference', async () => {
    const { activities, stored } = createHouse();
    const result = await activities.evaluate({ ...run, program: '"x" * 40000', input: big, variables: {} });
    expect(result).toMatchObject({ ref: 'new' });
    expect(stored.get('new')).toHaveLength(40_000);
  });

  it.each([
    ['.list[', 'expression.invalid'],
    ['.list | error("no")', 'expression.failed'],
    ['empty', 'expression.failed'],
  ])('fails %s by name and for good', async (program, type) => {
    const { activities } = createHouse();
    const failure = await failureOf(activities.evaluate({ ...run, program, input: big, variables: {} }));
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type, nonRetryable: true });
  });

  it('says what breaks a schema', async () => {
    const { activities } = createHouse();
    const schema = { properties: { list: { maxItems: 2 } } };
    expect(await activities.validate({ ...run, value: big, schema })).toEqual({
      errors: ['/list must NOT have more than 2 items'],
    });
    expect(await activities.validate({ ...run, value: big, schema: true })).toEqual({ errors: [] });
    const failure = await failureOf(activities.validate({ ...run, value: big, schema: { type: 'nothing' } }));
    expect(failure).toMatchObject({ type: 'request.invalid', nonRetryable: true });
  });

  it('has what a dependency refuses repeated, no sooner than it asks', async () => {
    const { activities } = createHouse();
    const end = { status: 'completed', terminationReason: 'done', degraded: false, rounds: 0, warnings: [] } as const;
    const failure = await failureOf(
      activities.finishRun({ ...run, ...end, warnings: [], output: { inline: 1 }, events: [] }),
    );
    expect(failure).toMatchObject({ type: 'dependency.unavailable', nonRetryable: false, nextRetryDelay: 1_000 });
  });
});
