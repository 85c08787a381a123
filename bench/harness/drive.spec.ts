import { describe, expect, it } from '@jest/globals';
import { drive } from './drive.js';

describe('a driven load', () => {
  it('has as many runs at once as clients, and each client as many runs as it is told', async () => {
    let [atOnce, most] = [0, 0];
    const inputs: unknown[] = [];
    const { tookMs, seconds } = await drive(
      async (input) => {
        inputs.push(input);
        most = Math.max(most, (atOnce += 1));
        await new Promise((resolve) => setTimeout(resolve, 1));
        atOnce -= 1;
      },
      { clients: 3, runs: 4 },
    );
    expect(most).toBe(3);
    expect(tookMs).toHaveLength(12);
    expect(new Set(inputs.map((input) => JSON.stringify(input))).size).toBe(12);
    expect(seconds * 1_000).toBeGreaterThanOrEqual(Math.max(...tookMs));
  });

  it('counts runs that end after the time is up, and begins none then', async () => {
    const slow = () => new Promise((resolve) => setTimeout(resolve, 600));
    expect((await drive(slow, { clients: 2, forMs: 500 })).tookMs).toHaveLength(2);
    expect((await drive(slow, { clients: 2, forMs: 0 })).tookMs).toEqual([]);
  });

  it('fails with the first run that does', async () => {
    const failing = drive(() => Promise.reject(new Error('no answer')), { clients: 2, runs: 1 });
    await expect(failing).rejects.toThrow('no answer');
  });
});
