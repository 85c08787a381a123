import { describe, expect, it } from '@jest/globals';
import { registerAgentSchema } from './agents.js';
import { nameOfTool } from './llm-agents.js';

const register = (extra: object) =>
  registerAgentSchema.safeParse({
    name: 'editor',
    version: '1.0.0',
    protocol: 'llm',
    endpoint: 'http://127.0.0.1:9/v1',
    capabilities: [{ name: 'edit' }],
    ...extra,
  });
const llm = (settings: object = {}) => ({ llm: { provider: 'anthropic', model: 'small', ...settings } });
const wrongIn = (extra: object) => register(extra).error?.issues.map(({ path }) => path.join('.'));

describe('the registration of a model', () => {
  it('has defaults, and a lease only where heartbeats come', () => {
    expect(register(llm()).data).toMatchObject({ ttlSeconds: 0, llm: { system: '', tools: [], maxSteps: 8 } });
    expect(register({ protocol: 'http' }).data).toMatchObject({ ttlSeconds: 30 });
    expect(register({ ...llm(), ttlSeconds: 60 }).data).toMatchObject({ ttlSeconds: 60 });
  });

  it('says what is wrong: no model, a model of another protocol, tools that are itself or have one name', () => {
    expect(wrongIn({})).toEqual(['llm']);
    expect(wrongIn({ ...llm(), protocol: 'http' })).toEqual(['llm']);
    expect(wrongIn(llm({ tools: [{ capability: 'edit' }] }))).toEqual(['llm.tools']);
    expect(wrongIn(llm({ tools: [{ capability: 'edit', agent: 'another' }] }))).toBeUndefined();
    expect(wrongIn(llm({ tools: [{ capability: 'a.b' }, { capability: 'a_b' }] }))).toEqual(['llm.tools']);
    expect(wrongIn(llm({ provider: 'none' }))).toEqual(['llm.provider']);
  });

  it('names tools as models take names', () => {
    expect(nameOfTool({ capability: 'look.up' })).toBe('look_up');
    expect(nameOfTool({ capability: 'look.up', name: 'find' })).toBe('find');
  });
});
