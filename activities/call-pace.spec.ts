import { describe, expect, it } from '@jest/globals';
import { CallPace } from './call-pace.js';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('CallPace', () => {
  it('lets two hundred calls go on at once and the others in the turns after, first come first served', async () => {
    const pace = new CallPace();
    const gone: number[] = [];
    const begin = async (call: number) => {
      const turn = pace.turn();
      if (turn) await turn;
      gone.push(call);
    };
    const calls = Array.from({ length: 450 }, (_, call) => call);
    const begun = calls.map(begin);
    expect(gone).toEqual(calls.slice(0, 200));
    await nextTurn();
    expect(gone).toEqual(calls.slice(0, 400));
    await Promise.all(begun);
    expect(gone).toEqual(calls);
  });

  it('has room again once nobody waits', async () => {
    const pace = new CallPace();
    for (let call = 0; call < 200; call += 1) expect(pace.turn()).toBeUndefined();
    await nextTurn();
    await nextTurn();
    expect(pace.turn()).toBeUndefined();
  });
});
