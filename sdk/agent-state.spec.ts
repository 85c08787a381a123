import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AgentState } from './agent-state.js';
import { BrikkClient } from './client.js';
import { type ScriptedApi, scriptedApi } from '../test/support/doubler.js';

let api: ScriptedApi;
beforeEach(async () => {
  api = await scriptedApi();
});
afterEach(() => api.close());

describe('the state of an agent', () => {
  it('is asked for below the agent as it is registered now, and what is not there is undefined', async () => {
    let id = 'a1';
    const { memory } = new BrikkClient({ url: api.url, apiKey: 'k' });
    const state = new AgentState(memory, () => id);
    api.answers.push([404, { code: 'memory.not_found', detail: 'none', status: 404 }]);
    expect(await state.get('seen')).toBeUndefined();
    await state.put('seen', [1], { ifVersion: 0 });
    id = 'a2';
    await state.append('log', 'x', { maxItems: 5 });
    await state.delete('seen', { ifVersion: 1 });
    expect(api.seen.map(({ method, url, body }) => ({ method, url, body }))).toEqual([
      { method: 'GET', url: '/v1/agents/a1/state/seen', body: undefined },
      { method: 'PUT', url: '/v1/agents/a1/state/seen', body: { value: [1], ifVersion: 0 } },
      { method: 'POST', url: '/v1/agents/a2/state/log/append', body: { item: 'x', maxItems: 5 } },
      { method: 'DELETE', url: '/v1/agents/a2/state/seen', body: undefined },
    ]);
  });
});
