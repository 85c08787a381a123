import { describe, expect, it } from '@jest/globals';
import { startRunSchema } from '../../../contracts/runs.js';
import { checkRun } from './check-run.js';

const refused = (params: object): unknown => {
  const { with: parameters } = startRunSchema.parse({ pattern: 'workers', with: { items: [1], ...params } });
  try {
    checkRun({ with: parameters });
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('the name that a pattern gives to its items', () => {
  const inner = (input: string) => ({
    pattern: 'sequential',
    with: { steps: [{ name: 's', capability: 'x', input: { of: input } }] },
  });

  it('may be read by its own expressions, and by those of patterns inside', () => {
    expect(
      refused({ each: 'report', partitionKey: '$report.customer', worker: inner('${ $report.text }') }),
    ).toBeUndefined();
  });

  it('is known nowhere else', () => {
    expect(refused({ each: 'report', worker: inner('${ $reprot.text }') })).toMatchObject({
      code: 'expression.invalid',
      violations: [{ path: 'with.worker.with.steps[0].input' }],
    });
    expect(refused({ worker: { capability: 'x', input: '${ $report }' } })).toMatchObject({
      code: 'expression.invalid',
    });
  });
});
