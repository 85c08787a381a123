import { describe, expect, it } from '@jest/globals';
import type { QuotaGrant } from '../contracts/quotas.js';
import { QuotaDesk } from './quota-desk.js';

const refusal = { limit: 'calls', most: 5, windowMs: 60_000, waitMs: 40_000 } as const;

function deskOf(take: (asked: number) => QuotaGrant | undefined) {
  const made = { asked: [] as number[], now: 1_000_000 };
  const quotas = {
    take: (_org: string, asked: number) => {
      made.asked.push(asked);
      return Promise.resolve(take(asked));
    },
  };
  return Object.assign(made, { desk: new QuotaDesk(quotas, () => made.now) });
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('attempts of an organisation', () => {
  it('go on at once where it has no quota, which is looked at once a second', async () => {
    let grant: QuotaGrant | undefined;
    const at = deskOf(() => grant);
    expect(await at.desk.take('org')).toBeUndefined();
    for (let call = 0; call < 1_000; call += 1) expect(at.desk.take('org')).toBeUndefined();
    expect(at.asked).toEqual([1]);

    await settled();
    grant = { granted: 0, refusal };
    at.now += 1_001;
    expect(at.desk.take('org')).toBeUndefined();
    await settled();
    expect(at.asked).toEqual([1, 0]);
    expect(await at.desk.take('org')).toEqual(refusal);
  });

  it('that ask together ask in one transaction, and the first ones are covered', async () => {
    const at = deskOf((asked) => (asked > 5 ? { granted: 5, refusal } : { granted: asked }));
    const answers = await Promise.all(Array.from({ length: 8 }, async () => at.desk.take('org')));
    expect(answers.map((answer) => answer?.limit)).toEqual([...Array(5).fill(undefined), 'calls', 'calls', 'calls']);
    expect(at.asked).toEqual([8]);
  });

  it('are refused for a second without asking again, and then ask, since a quota may be raised', async () => {
    let grant: QuotaGrant = { granted: 0, refusal };
    const at = deskOf(() => grant);
    expect(await at.desk.take('org')).toEqual(refusal);
    at.now += 900;
    expect(await at.desk.take('org')).toEqual({ ...refusal, waitMs: 39_100 });
    expect(at.asked).toHaveLength(1);
    grant = { granted: 1 };
    at.now += 200;
    expect(await at.desk.take('org')).toBeUndefined();
    expect(at.asked).toHaveLength(2);
  });

  it('hear of it when nobody could be asked', async () => {
    const at = deskOf(() => {
      throw new Error('away');
    });
    await expect(at.desk.take('org')).rejects.toThrow('away');
  });
});
