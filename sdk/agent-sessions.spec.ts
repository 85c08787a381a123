import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { AgentSessions } from './agent-sessions.js';
import { BrikkClient } from './client.js';
import { type ScriptedApi, scriptedApi } from '../test/support/doubler.js';
import { until } from '../test/support/until.js';

let api: ScriptedApi;
let sessions: AgentSessions;
let life: string[];
beforeEach(async () => {
  api = await scriptedApi();
  life = [];
  const client = new BrikkClient({ url: api.url, apiKey: 'k' });
  const registered = () => ({ id: 'a1', instanceId: 'i1' });
  sessions = new AgentSessions(client.sessions, registered, pino({ level: 'silent' }));
});
afterEach(async () => {
  await sessions.close();
  api.close();
});

const answered = (change: object = {}) =>
  api.answers.push([200, { id: 's1', key: 'shop', handOvers: 0, state: null, ttlMs: 60_000, ...change }]);
const tab = async (change?: object) => {
  answered(change);
  const session = await sessions.open('shop');
  const page = await session.hold(
    (saved) => {
      life.push(`open ${JSON.stringify(saved)}`);
      return { name: JSON.stringify(saved) };
    },
    ({ name }) => life.push(`close ${name}`),
  );
  return { session, page };
};

describe('the sessions of an instance', () => {
  it('hold the same for each call, opened once, as it was saved', async () => {
    const [first, second] = [await tab({ state: 'home' }), await tab({ state: 'home' })];
    expect(second.page).toBe(first.page);
    expect(life).toEqual(['open "home"']);
    expect(api.seen[0]).toMatchObject({ method: 'POST', url: '/v1/agents/a1/instances/i1/sessions' });
  });

  it('are opened anew when another instance had them since, or when they were ended', async () => {
    await tab();
    await tab({ handOvers: 2, state: 'cart' });
    await tab({ id: 's2' });
    expect(life).toEqual(['open null', 'close null', 'open "cart"', 'close "cart"', 'open null']);
  });

  it('save by the number of hand-overs they were opened with, and tell that another instance has them', async () => {
    const { session } = await tab({ handOvers: 3 });
    await session.save({ page: 'pay' });
    expect(session.state).toEqual({ page: 'pay' });
    expect(api.seen.at(-1)).toMatchObject({ method: 'PUT', url: '/v1/sessions/s1', body: { handOvers: 3 } });
    api.answers.push([409, { code: 'session.moved', detail: 'moved', status: 409 }]);
    await expect(session.save({ page: 'late' })).rejects.toMatchObject({ code: 'session.moved' });
    expect(session.state).toEqual({ page: 'pay' });
  });

  it('let go of what they hold at their end, when their time is over, and when the agent stops', async () => {
    const { session } = await tab();
    api.answers.push([204, undefined]);
    await session.end();
    expect(life).toEqual(['open null', 'close null']);
    await tab({ id: 's2', ttlMs: 20, state: 'brief' });
    await until(() => life.includes('close "brief"'));
    await tab({ id: 's3', state: 'last' });
    await sessions.close();
    expect(life.at(-1)).toBe('close "last"');
  });

  it('try again to open what failed', async () => {
    answered();
    const session = await sessions.open('shop');
    await expect(session.hold(() => Promise.reject(new Error('no browser')))).rejects.toThrow('no browser');
    expect(await session.hold(() => 'browser')).toBe('browser');
  });
});
