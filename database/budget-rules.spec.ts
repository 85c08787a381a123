import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BudgetLevel } from '../contracts/budget.js';
import type { BudgetRequest } from '../contracts/budget-ledger.js';
import { admit, closeLedger, type Ledger, leftOf, openLedger, raiseLedger, type Reservation } from './budget-rules.js';

const request = (callKey: string, estimate: Partial<BudgetRequest['estimate']>, agentId = 'a'): BudgetRequest => ({
  callKey,
  levels: [],
  estimate: { tokens: 0, costUsd: 0, calls: 1, ...estimate },
  agentId,
  isForced: false,
});
const open = (limits: BudgetLevel['limits'], around: Ledger[] = [], place = around.length === 0 ? '' : 'in') =>
  openLedger({ place, limits }, around);
const isRefused = (answer: ReturnType<typeof admit>) => !Array.isArray(answer);

describe('a ledger', () => {
  it('never has more reserved and used than its limit, whatever is asked of it', () => {
    const amounts = fc.array(fc.record({ costUsd: fc.double({ min: 0, max: 5, noNaN: true }), key: fc.nat(20) }));
    fc.assert(
      fc.property(amounts, fc.double({ min: 0.1, max: 20, noNaN: true }), (asked, costUsd) => {
        const ledger = open({ costUsd });
        const held = new Map<string, Reservation[]>();
        for (const { costUsd: estimate, key } of asked) {
          const callKey = `call-${key}`;
          const answer = admit([ledger], held.get(callKey) ?? [], request(callKey, { costUsd: estimate }));
          if (Array.isArray(answer) && answer.length > 0) held.set(callKey, answer);
          expect(ledger.used.costUsd + ledger.reserved.costUsd).toBeLessThanOrEqual(costUsd + 1e-6);
        }
        const sum = [...held.values()].flat().reduce((total, { amounts: { costUsd: part = 0 } }) => total + part, 0);
        expect(ledger.reserved.costUsd).toBeCloseTo(sum, 6);
      }),
    );
  });

  it('never gives places inside more than it has, whatever they ask for', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 20 }), fc.nat(100), (children, tokens) => {
        const outer = open({ tokens });
        const inner = children.map((asked, index) => open({ tokens: asked }, [outer], `in/${index}`));
        const given = inner.reduce((sum, { limits }) => sum + (limits.tokens ?? 0), 0);
        expect(given).toBeLessThanOrEqual(tokens);
        for (const child of inner) closeLedger(child, new Map([['', outer]]));
        expect([outer.reserved.tokens, outer.used.tokens]).toEqual([0, 0]);
      }),
    );
  });

  it('counts a call where its use is limited next, and only there', () => {
    const outer = open({ tokens: 100, calls: 5 });
    const inner = open({ tokens: 30 }, [outer]);
    admit([outer, inner], [], request('a', { tokens: 10 }));
    expect([leftOf(outer, 'tokens'), leftOf(inner, 'tokens')]).toEqual([70, 20]);
    expect([leftOf(outer, 'calls'), leftOf(inner, 'calls')]).toEqual([4, Number.POSITIVE_INFINITY]);
  });

  it('says which limit of which place does not cover the call, and then changes nothing', () => {
    const outer = open({ calls: 1 });
    const inner = open({ costUsd: 0.5 }, [outer]);
    const before = JSON.stringify([outer, inner]);
    const answer = admit([outer, inner], [], request('a', { costUsd: 0.6 }));
    expect(answer).toEqual({ place: 'in', limit: 'costUsd', estimate: 0.6, left: 0.5 });
    expect(JSON.stringify([outer, inner])).toBe(before);
  });

  it('takes only what is missing for a further attempt, and nothing for a settled call', () => {
    const ledger = open({ calls: 2 });
    const held = admit([ledger], [], request('a', { calls: 1 })) as Reservation[];
    const more = admit([ledger], held, request('a', { calls: 2 })) as Reservation[];
    expect(ledger.reserved.calls).toBe(2);
    expect(isRefused(admit([ledger], more, request('a', { calls: 3 })))).toBe(true);
    const settled = more.map((reservation) => ({ ...reservation, isSettled: true }));
    expect(admit([ledger], settled, request('a', { calls: 9 }))).toEqual([]);
  });

  it('lets no further agent in beyond its number, and those that are in go on', () => {
    const ledger = open({ agents: 2 });
    const asked = ['x', 'y', 'z', 'x'].map((agentId) => isRefused(admit([ledger], [], request(agentId, {}, agentId))));
    expect(asked).toEqual([false, false, true, false]);
  });

  it('counts forced work beyond its limit', () => {
    const ledger = open({ calls: 1 });
    admit([ledger], [], request('a', {}));
    admit([ledger], [], { ...request('undo', {}), isForced: true });
    expect(leftOf(ledger, 'calls')).toBe(-1);
  });

  it('is raised by what those around it have left, and says who had no more', () => {
    const outer = open({ tokens: 100 });
    const inner = open({ tokens: 60, agents: 1 }, [outer]);
    expect(raiseLedger(inner, [outer], { limit: 'tokens', by: 30 })).toEqual({ by: 30 });
    expect(raiseLedger(inner, [outer], { limit: 'tokens', by: 30 })).toEqual({ by: 10, from: '' });
    expect(raiseLedger(inner, [outer], { limit: 'tokens', by: 30 })).toEqual({ by: 0, from: '' });
    expect(raiseLedger(inner, [outer], { limit: 'agents', by: 2 })).toEqual({ by: 2 });
    expect(raiseLedger(inner, [outer], { limit: 'costUsd', by: 2 })).toEqual({ by: 0 });
    expect([inner.limits, leftOf(outer, 'tokens')]).toEqual([{ tokens: 100, agents: 3 }, 0]);
    inner.used.tokens = 70;
    closeLedger(inner, new Map([['', outer]]));
    expect([outer.used.tokens, outer.reserved.tokens]).toEqual([70, 0]);
    expect(raiseLedger(outer, [], { limit: 'tokens', by: 5 })).toEqual({ by: 5 });
    expect(leftOf(outer, 'tokens')).toBe(35);
  });

  it('gives back what a place did not use, and keeps what its calls still hold', () => {
    const outer = open({ costUsd: 10 });
    const inner = open({ costUsd: 6 }, [outer]);
    inner.used.costUsd = 1;
    inner.reserved.costUsd = 2;
    closeLedger(inner, new Map([['', outer]]));
    expect([outer.used.costUsd, outer.reserved.costUsd]).toEqual([3, 0]);
    closeLedger(inner, new Map([['', outer]]));
    expect(outer.used.costUsd).toBe(3);
  });
});
