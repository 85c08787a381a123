import { describe, expect, it } from '@jest/globals';
import type { Json } from '../../../contracts/json.js';
import type { CallResult } from '../../../contracts/run-workflow.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { declaredOrder, ReadyOrder, readOrder } from './plan-order.js';
import type { PlannedTask } from './plan-rules.js';

const task = (id: string, index: number, priority = 0): PlannedTask =>
  ({ id, index, priority, capability: 'work', dependsOn: [] }) as unknown as PlannedTask;
const [a, b, c] = [task('a', 0), task('b', 1, 5), task('c', 2)];
const idsOf = (tasks: PlannedTask[] | undefined) => tasks?.map(({ id }) => id);

/** Who is asked for the order, and what was decided. */
function asking(answer: Json | undefined) {
  const asked: unknown[] = [];
  const decided: unknown[] = [];
  const ctx = {
    callAgent: (call: { input: unknown }): Promise<CallResult> => {
      asked.push(call.input);
      const ended = { key: 'order', queueMs: 0, execMs: 1 };
      return Promise.resolve(
        answer === undefined
          ? { ...ended, status: 'failed' }
          : { ...ended, status: 'completed', output: { inline: answer } },
      );
    },
    decide: (decision: { rule: string; chosen: unknown }) => decided.push([decision.rule, decision.chosen]),
  } as unknown as PatternContext;
  const order = new ReadyOrder(ctx, { goal: 'g', prioritise: { capability: 'order' } } as never, 1);
  return { asked, decided, order };
}

describe('the order of tasks that are ready', () => {
  it('is by priority, and as declared among equals', () => {
    expect(idsOf(declaredOrder([c, a, b]))).toEqual(['b', 'a', 'c']);
  });

  it.each<[Json, string[] | undefined]>([
    [
      ['c', 'a', 'b'],
      ['c', 'a', 'b'],
    ],
    [{ order: ['b', 'c', 'a'] }, ['b', 'c', 'a']],
    [['a', 'b'], undefined],
    [['a', 'a', 'b'], undefined],
    [['a', 'b', 'z'], undefined],
    [['a', 'b', 3], undefined],
    ['a', undefined],
  ])('reads %j as %j', (answer, order) => {
    expect(idsOf(readOrder(answer, [a, b, c]))).toEqual(order);
  });

  it('is the one of the agent, which is asked again only for tasks that it has not ordered', async () => {
    const { asked, decided, order } = asking({ order: ['c', 'b', 'a'] });
    expect(idsOf(await order.of([a, b, c]))).toEqual(['c', 'b', 'a']);
    expect(idsOf(await order.of([a, c]))).toEqual(['c', 'a']);
    expect(asked).toHaveLength(1);
    expect(decided).toEqual([['agent', ['c', 'b', 'a']]]);
  });

  it('is the declared one when the agent fails or names a task twice', async () => {
    for (const answer of [undefined, ['a', 'a', 'c'] as Json]) {
      const { decided, order } = asking(answer);
      expect(idsOf(await order.of([a, b, c]))).toEqual(['b', 'a', 'c']);
      expect(decided).toEqual([['as declared, since the agent gave no valid answer', ['b', 'a', 'c']]]);
    }
  });
});
