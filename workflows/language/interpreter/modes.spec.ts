import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TaskList } from '../../../contracts/definition-tasks.js';
import { definitionOf, TestInterpreter } from '../../../test/support/interpreted.js';

jest.setTimeout(60_000);

describe('the modes of a definition', () => {
  let tested: TestInterpreter;
  beforeAll(async () => {
    tested = await TestInterpreter.start();
  });
  afterAll(() => tested.stop());

  const set = { made: '.n + 1', said: 'not + jq (', both: '${ .n }' };
  it('tries plain texts as jq when it evaluates loosely, and leaves what is none', async () => {
    const loose = definitionOf([{ a: { set } }], { evaluate: { language: 'jq', mode: 'loose' } });
    expect(await tested.outputOf(loose, { n: 1 })).toEqual({ made: 2, said: 'not + jq (', both: 1 });
  });

  it('leaves plain texts as they are otherwise', async () => {
    expect(await tested.outputOf([{ a: { set } }], { n: 1 })).toEqual({ ...set, both: 1 });
  });

  it.each([
    ['data', { n: 4, type: null }],
    ['raw', { n: 4, type: null }],
    ['envelope', { n: null, type: 'ready' }],
  ] as const)('reads %s of events', async (read, heard) => {
    const to = { one: { with: { type: 'ready' } } };
    const branches: TaskList = [
      { hear: { listen: { to, read }, output: { as: '.[0] | { n, type }' } } },
      { tell: { emit: { event: { with: { type: 'ready', data: { n: 4 } } } }, output: { as: '.type' } } },
    ];
    expect(await tested.outputOf([{ both: { fork: { branches } } }])).toEqual([heard, 'ready']);
  });
});
