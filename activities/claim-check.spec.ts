import type { CallOutcome } from '../contracts/run-workflow.js';
import { fitBatch } from './claim-check.js';

describe('the outcomes of a batch', () => {
  const run = { orgId: 'org-1', runId: 'run-1' };
  const completed = (bytes: number, index: number) =>
    ({ key: `items/${index}`, status: 'completed', output: { inline: 'x'.repeat(bytes - 2) } }) as CallOutcome;
  const fit = async (sizes: number[]) => {
    const stored: unknown[] = [];
    const store = (_org: string, _run: string, json: unknown) => {
      stored.push(json);
      return Promise.resolve({ ref: 'list', bytes: 0 });
    };
    const outcomes = await fitBatch({ store } as never, run, sizes.map(completed));
    return { outcomes, stored };
  };

  it('travel inline as far as 128 KiB go for each 250 calls', async () => {
    const sizes = Array.from({ length: 1_000 }, () => 500);
    const { outcomes, stored } = await fit(sizes);
    expect([stored, outcomes]).toEqual([[], sizes.map(completed)]);
  });

  it('leave their largest outputs in one stored list when they are too many', async () => {
    const { outcomes, stored } = await fit([30_000, 90_000, 10, 60_000]);
    expect(stored).toEqual([['x'.repeat(89_998)]]);
    expect(outcomes.map((outcome) => ('output' in outcome ? outcome.output : undefined))).toEqual([
      { inline: 'x'.repeat(29_998) },
      { ref: 'list', bytes: 90_000, index: 0 },
      { inline: 'x'.repeat(8) },
      { inline: 'x'.repeat(59_998) },
    ]);
  });
});
