import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../contracts/json.js';
import { compile, run } from '../language/jq/index.js';
import { HANDED_CONTEXT, HANDOVER, judge, receivers, roundTrips } from './handoff-rules.js';

const NAMES = ['a', 'b', 'c'];
const firstOf = (program: string, answer: Json): Json | undefined =>
  [...run(compile(program, { variables: [] }), answer, {}, { now: 0 })][0];
const found = (answer: Json): Json => firstOf(HANDOVER, answer) ?? null;

describe('what an answer hands over', () => {
  it.each<[string, Json]>([
    ['text', 'handoff'],
    ['null', null],
    ['a list', [{ handoff: { to: 'a' } }]],
    ['an object without it', { to: 'a' }],
    ['a hand-over that is null', { handoff: null, answer: 1 }],
  ])('is nothing in %s', (_, answer) => {
    expect(judge(found(answer), { targets: NAMES, holders: ['a'], maxHops: 1 })).toEqual({ kind: 'output' });
  });

  it('is who, why and what', () => {
    const answer = { handoff: { to: 'b', reason: 'money', context: { n: 1 } } };
    expect(found(answer)).toEqual(['b', 'money']);
    expect(firstOf(HANDED_CONTEXT, answer)).toEqual({ n: 1 });
  });

  it.each<[string, Json]>([
    ['text', { handoff: 'b' }],
    ['true', { handoff: true }],
    ['an object without a name', { handoff: { reason: 'x' } }],
    ['a name that is no text', { handoff: { to: ['b'] } }],
    ['a name that is no target', { handoff: { to: 'nobody' } }],
    ['a name that every object has', { handoff: { to: 'constructor' } }],
    ['the holder itself', { handoff: { to: 'a' } }],
  ])('is refused when it is %s', (_, answer) => {
    const verdict = judge(found(answer), { targets: NAMES, holders: ['a'], maxHops: 1 });
    expect(verdict).toMatchObject({ kind: 'refused', why: expect.stringContaining('Allowed: b, c') });
  });

  it('is cut to what a decision can carry', () => {
    const [, reason] = found({ handoff: { to: 'b', reason: 'x'.repeat(50_000) } }) as string[];
    expect(reason).toHaveLength(1_000);
  });

  it('is judged whatever an agent answers', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (handoff) => {
        const verdict = judge(found({ handoff } as Json), { targets: NAMES, holders: ['a'], maxHops: 1 });
        expect(['output', 'refused', 'accepted']).toContain(verdict.kind);
      }),
    );
  });
});

describe('a chain of hand-overs', () => {
  it('changes hands at most maxHops times, goes only to targets and back and forth at most twice', () => {
    const wishes = fc.array(fc.constantFrom(...NAMES, 'nobody'), { maxLength: 60 });
    fc.assert(
      fc.property(wishes, fc.integer({ min: 1, max: 20 }), (names, maxHops) => {
        const trail = { targets: NAMES, holders: ['a'], maxHops };
        for (const name of names) {
          const verdict = judge([name, null], trail);
          if (verdict.kind === 'limit') break;
          if (verdict.kind === 'accepted') trail.holders.push(verdict.to);
          else expect(receivers(trail)).not.toContain(name);
        }
        const { holders } = trail;
        expect(holders.length - 1).toBeLessThanOrEqual(maxHops);
        for (const [at, name] of holders.slice(2).entries()) {
          if (holders[at] === name) expect(roundTrips(holders.slice(0, at + 2), name)).toBeLessThanOrEqual(2);
        }
      }),
    );
  });

  it('ends at the third A→B→A', () => {
    expect(roundTrips(['a', 'b'], 'a')).toBe(1);
    expect(roundTrips(['a', 'b', 'a', 'b'], 'a')).toBe(2);
    expect(judge(['a', null], { targets: NAMES, holders: ['a', 'b', 'a', 'b', 'a', 'b'], maxHops: 9 })).toEqual({
      kind: 'limit',
      limit: 'ping_pong',
    });
  });
});
