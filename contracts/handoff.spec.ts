import { describe, expect, it } from '@jest/globals';
import { handoffParamsSchema } from './handoff.js';

const refused = (value: unknown) =>
  handoffParamsSchema.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [];

describe('the parameters of handoff', () => {
  it('name every target', () => {
    const { targets, maxHops } = handoffParamsSchema.parse({ targets: [{ capability: 'desk' }, { agent: 'b-1' }] });
    expect(targets.map(({ name }) => name)).toEqual(['desk', 'b-1']);
    expect(maxHops).toBe(10);
  });

  it('refuse what cannot work, with the field and what is allowed', () => {
    const desk = { capability: 'desk' };
    expect(refused({ targets: [] })[0]).toContain('targets');
    expect(refused({ targets: [desk, desk] })).toEqual([
      'targets names must be unique; give a member a name of its own',
    ]);
    expect(refused({ targets: [desk], start: 'bill' })).toEqual(['start must be the name of a target: desk']);
    expect(refused({ targets: [{ ...desk, outputSchema: {} }] })[0]).toContain('a target has no outputSchema');
    expect(refused({ targets: [desk], hops: 1 })[0]).toContain('hops');
  });
});
