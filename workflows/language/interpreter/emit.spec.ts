import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TaskList } from '../../../contracts/definition-tasks.js';
import { LIFECYCLE_PREFIX } from '../../../contracts/event-bus.js';
import { A2A_TASK_PREFIX } from '../../../contracts/a2a-states.js';
import { TestInterpreter } from '../../../test/support/interpreted.js';

jest.setTimeout(60_000);

describe('a task that emits an event', () => {
  let tested: TestInterpreter;
  beforeAll(async () => {
    tested = await TestInterpreter.start();
  });
  afterAll(() => tested.stop());

  /** What it sends, or why it may not. */
  const emitting = (type: string): TaskList => [
    {
      guarded: {
        try: [{ tell: { emit: { event: { with: { type, data: '${ .n }' } } } } }],
        catch: {
          errors: { with: { type: 'https://serverlessworkflow.io/spec/1.0.0/errors/validation' } },
          as: 'why',
          do: [{ say: { set: '${ $why.detail }' } }],
        },
      },
    },
  ];

  it('fills in what a CloudEvent needs', async () => {
    expect(await tested.outputOf(emitting('shop.paid'), { n: 7 })).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      source: expect.stringMatching(/^https:\/\/brikk\.dev\/runs\//),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      type: 'shop.paid',
      data: 7,
    });
  });

  it.each([LIFECYCLE_PREFIX, A2A_TASK_PREFIX])(
    'may send none of the types %s*, which are Brikk’s alone',
    async (prefix) => {
      expect(await tested.outputOf(emitting(`${prefix}1`))).toBe(
        `types that begin with ${prefix} are sent by Brikk alone`,
      );
      expect(await tested.outputOf(emitting(`shop.${prefix}1`))).toMatchObject({ type: `shop.${prefix}1` });
    },
  );
});
