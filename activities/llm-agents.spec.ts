import { describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { callOf, echo, finished } from '../test/support/agent-house.js';
import { houseWith } from '../test/support/llm-house.js';

const PROVIDERS = ['openai-compatible', 'anthropic'] as const;
const severity = {
  type: 'object',
  properties: { severity: { enum: ['low', 'high'] } },
  required: ['severity'],
  additionalProperties: false,
};
const once = { maxAttempts: 1, initialMs: 1, factor: 1, maxMs: 1, jitter: 0, nonRetryable: [] };
const tools = [
  { capability: 'look.up', description: 'Finds a service', inputSchema: { type: 'object', required: ['id'] } },
];
const wantsTool = { calls: [{ name: 'look_up', args: '{"id": "mail"}' }] };

describe.each(PROVIDERS)('an agent that is a model, spoken to as %s', (provider) => {
  it('answers in words, with its tokens and their price', async () => {
    const prices = { input: 2, output: 10, cachedInput: 1 };
    const { ask, llm } = await houseWith(
      () => ({ text: 'All is well.', usage: { input: 100, output: 20, cached: 40 } }),
      {
        provider,
        prices,
        system: 'You are terse.',
      },
    );
    const { status, output, usage, attempts } = await ask({ input: { inline: 'How is it?' } });
    expect({ status, output, attempts }).toEqual({
      status: 'completed',
      output: { inline: 'All is well.' },
      attempts: 1,
    });
    expect(usage).toEqual({
      calls: 1,
      inputTokens: 100,
      outputTokens: 20,
      costUsd: (60 * 2 + 40 + 20 * 10) / 1_000_000,
    });
    expect(llm.asked[0]).toMatchObject({ model: 'small', messages: [{ role: 'user', text: 'How is it?' }], tools: [] });
    expect(llm.asked[0]?.system).toContain('You are terse.');
  });

  it('sends the key that its secret holds, and shows it in no message', async () => {
    const { ask, house, llm } = await houseWith(
      ({ headers }) => ({ status: 401, error: `bad key ${String(headers['x-api-key'] ?? headers.authorization)}` }),
      { provider, secret: 'llm-key' },
    );
    house.secrets = { 'llm-key': 'sk-hunter-2' };
    const { error } = await ask({ retry: once });
    expect(llm.asked[0]?.headers).toMatchObject(
      provider === 'anthropic' ? { 'x-api-key': 'sk-hunter-2' } : { authorization: 'Bearer sk-hunter-2' },
    );
    expect(house.opened).toEqual(['llm-key']);
    expect(error).toMatchObject({ code: 'agent.permanent', message: expect.stringContaining('401') });
    expect(JSON.stringify(error)).not.toContain('hunter');
  });

  it('answers by the schemas of its contract and of the caller; what breaks them goes back to it once', async () => {
    const { ask, llm } = await houseWith(
      (_, turn) => ({
        text:
          turn === 1
            ? '{"output": {"severity": "huge"}}'
            : 'Sure:\n```json\n{"output": {"severity": "high"}, "confidence": 0.9}\n```',
      }),
      { provider },
      { candidate: { outputSchema: severity } },
    );
    const { output, confidence, usage, attempts } = await ask();
    expect({ output, confidence, attempts }).toEqual({
      output: { inline: { severity: 'high' } },
      confidence: 0.9,
      attempts: 1,
    });
    expect(usage).toMatchObject({ inputTokens: 20, outputTokens: 10 });
    expect(llm.asked[0]?.system).toContain(JSON.stringify(severity));
    expect(llm.asked[1]?.messages.at(-1)?.text).toMatch(/cannot be used.*\/output\/severity/);
    expect(llm.asked[0]?.isJson).toBe(provider === 'openai-compatible');
  });

  it('has failed when its second answer cannot be used either, and what it used counts', async () => {
    const { ask } = await houseWith(
      () => ({ text: 'no idea' }),
      { provider },
      { candidate: { outputSchema: severity } },
    );
    const { error, usage } = await ask({ retry: { ...once, maxAttempts: 2 } });
    expect(error).toMatchObject({ code: 'agent.invalid_output', message: expect.stringContaining('It is not JSON') });
    expect(usage).toEqual({ calls: 2, inputTokens: 40, outputTokens: 20 });
  });

  it('has its tools called as calls of the run, under its budget, and goes on with what they answer', async () => {
    const made = await houseWith(
      ({ results }) => (results.length === 0 ? wantsTool : { text: `It is ${results[0]}` }),
      { provider, tools },
    );
    const lookUp = await made.agent('finder', ({ input }) => ({ output: { found: input }, usage: { costUsd: 0.5 } }), {
      capability: 'look.up',
    });
    const budget = { levels: [{ place: '', limits: { costUsd: 1 } }] };
    const { output } = await made.ask({ budget });
    expect(output).toEqual({ inline: 'It is {"found":{"id":"mail"}}' });
    expect(lookUp.requests).toMatchObject([{ kind: 'task', capability: 'look.up', input: { id: 'mail' } }]);
    const [key] = [...made.house.rows.keys()];
    expect(made.house.rows.get(key!)).toMatchObject({
      key: 'a/tools/id-model/1/0',
      path: '/steps/a/tools/1/0',
      role: 'tool',
      agent: 'finder',
      usage: { costUsd: 0.5 },
      hasReserved: true,
    });
    expect(made.house.reserved.map(({ callKey }) => callKey)).toEqual(['a', 'a/tools/id-model/1/0']);
    expect(made.llm.asked[1]?.messages.map(({ role }) => role).slice(0, 2)).toEqual(['user', 'assistant']);
  });

  it('is told what is wrong with the tools that it asks for, which are not called', async () => {
    const made = await houseWith(
      (_, turn) =>
        turn === 1
          ? {
              calls: [
                { name: 'look_up', args: '{"id": ' },
                { name: 'look_up', args: '{"name": 1}' },
                { name: 'fly', args: '{}' },
              ],
            }
          : { text: 'Sorry.' },
      { provider, tools },
    );
    const lookUp = await made.agent('finder', echo, { capability: 'look.up' });
    expect((await made.ask()).output).toEqual({ inline: 'Sorry.' });
    expect(lookUp.requests).toEqual([]);
    const results = made.llm.asked[1]?.results ?? [];
    expect(results[0]).toMatch(/arguments cannot be read|arguments break/);
    expect(results[1]).toContain("must have required property 'id'");
    expect(results[2]).toContain('There is no tool fly; there are: look_up');
  });

  it('waits as long as the server asks it to', async () => {
    const { ask, llm } = await houseWith(
      (_, turn) => (turn === 1 ? { status: 429, headers: { 'retry-after': '0' }, error: 'slow down' } : { text: 'ok' }),
      { provider },
    );
    expect((await ask()).output).toEqual({ inline: 'ok' });
    expect(llm.asked).toHaveLength(2);
    const limited = await houseWith(() => ({ status: 429, headers: { 'retry-after': '60' }, error: 'slow down' }), {
      provider,
    });
    expect(await limited.ask()).toMatchObject({ deferred: { afterMs: expect.any(Number) } });
  });

  it('rejects what does not fit its context', async () => {
    const error =
      provider === 'anthropic' ? 'prompt is too long: 9 > 8' : "This model's maximum context length is 8 tokens";
    const { ask } = await houseWith(() => ({ status: 400, error }), { provider });
    expect((await ask()).error).toMatchObject({ code: 'agent.rejected', message: expect.stringContaining('context') });
  });

  it('has failed for now when the stream breaks, or says that it failed', async () => {
    const cut = await houseWith(() => ({ cutAfter: 'All is' }), { provider });
    expect((await cut.ask({ retry: once })).error).toMatchObject({ code: 'agent.transient' });
    const broken = await houseWith(() => ({ breaks: 'overloaded' }), { provider });
    expect((await broken.ask({ retry: once })).error).toMatchObject({
      code: 'agent.transient',
      message: expect.stringContaining('overloaded'),
    });
  });

  it('may take long as long as it goes on speaking, and no longer than a silence of the attempt', async () => {
    const speaking = await houseWith(() => ({ text: 'All is well.', pauseMs: 400 }), { provider });
    const timeout = { attemptMs: 1_200, totalMs: 30_000 };
    expect((await speaking.ask({ timeout, retry: once })).output).toEqual({ inline: 'All is well.' });
    const silent = await houseWith(() => new Promise<never>(() => undefined), { provider });
    const { error } = await silent.ask({ timeout: { attemptMs: 200, totalMs: 30_000 }, retry: once });
    expect(error).toMatchObject({ code: 'agent.timeout', message: 'The model was silent for 200 ms' });
  });
});

describe('an agent that is a model', () => {
  it('goes on behind the tools of a call that is made again: they are not called twice, nor is the model asked again', async () => {
    const made = await houseWith(({ results }) => (results.length < 2 ? wantsTool : { text: results.join() }), {
      tools,
    });
    let called = 0;
    const lookUp = await made.agent('finder', () => ({ output: (called += 1) }), { capability: 'look.up' });
    await made.ask();
    expect([made.llm.asked.length, lookUp.requests.length]).toEqual([3, 2]);
    const usage = made.house.rows.get('a')?.usage;
    // As if the worker had died before the end of the call and of its second tool was recorded.
    made.house.rows.delete('a');
    made.house.rows.delete('a/tools/id-model/2/0');
    const environment = new MockActivityEnvironment({ attempt: 2 });
    const [outcome] = await made.run({ calls: [callOf('a')] }, environment);
    expect(finished(outcome).output).toEqual({ inline: '1,3' });
    expect([made.llm.asked.length, lookUp.requests.length]).toEqual([4, 3]);
    expect(made.house.rows.get('a')?.usage).toEqual(usage);
  });

  it('goes on behind its tools after an attempt that failed, and counts each turn once', async () => {
    const made = await houseWith(
      ({ results }, turn) =>
        results.length === 0 ? wantsTool : turn === 2 ? { status: 500, error: 'oh' } : { text: 'done' },
      { tools },
    );
    const lookUp = await made.agent('finder', echo, { capability: 'look.up' });
    const { attempts, usage } = await made.ask();
    expect({ attempts, usage }).toEqual({ attempts: 2, usage: { calls: 2, inputTokens: 20, outputTokens: 10 } });
    expect(lookUp.requests).toHaveLength(1);
  });

  it('answers after so many steps, and has failed when it does not', async () => {
    const made = await houseWith(
      ({ messages }) => (messages.at(-1)?.text.includes('No tools are left') ? { text: 'enough' } : wantsTool),
      {
        tools,
        maxSteps: 2,
      },
    );
    await made.agent('finder', echo, { capability: 'look.up' });
    expect((await made.ask()).output).toEqual({ inline: 'enough' });
    const endless = await houseWith(() => wantsTool, { tools, maxSteps: 2 });
    await endless.agent('finder', echo, { capability: 'look.up' });
    expect((await endless.ask({ retry: once })).error?.message).toContain('more than 2 times');
  });

  it('is told of a tool that failed', async () => {
    const made = await houseWith(({ results }) => (results.length === 0 ? wantsTool : { text: results[0]! }), {
      tools,
    });
    await made.agent(
      'finder',
      (_, response) => {
        response.writeHead(422);
        return { detail: 'no such service' };
      },
      { capability: 'look.up' },
    );
    expect((await made.ask()).output).toEqual({
      inline: expect.stringMatching(/failed.*no such service.*agent\.rejected/),
    });
  });

  it('has no tools when it is itself the tool of a model of a model of a model', async () => {
    const own = [{ capability: 'triage', inputSchema: { type: 'object' } }];
    const made = await houseWith(
      ({ tools: given, results }) =>
        given.length > 0 && results.length === 0 ? { calls: [{ name: 'triage', args: '{}' }] } : { text: 'end' },
      { tools: own },
    );
    expect((await made.ask()).output).toEqual({ inline: 'end' });
    expect(made.llm.asked.map(({ tools: given }) => given.length)).toEqual([1, 1, 1, 0, 1, 1, 1]);
  });

  it('is not asked when the request cannot fit its context, or its secret is not there', async () => {
    const small = await houseWith(() => ({ text: 'ok' }), {}, { agent: { contextTokens: 5 } });
    expect((await small.ask()).error).toMatchObject({
      code: 'agent.rejected',
      message: expect.stringContaining('context of 5 tokens'),
    });
    const keyless = await houseWith(() => ({ text: 'ok' }), { secret: 'gone' });
    expect((await keyless.ask()).error?.message).toContain('There is no secret gone');
    expect([...small.llm.asked, ...keyless.llm.asked]).toEqual([]);
  });

  it('is out of reach, or at an address that is not allowed, as any agent', async () => {
    const away = await houseWith(() => ({ text: 'ok' }), {}, { candidate: { endpoint: 'http://127.0.0.1:9/v1' } });
    expect((await away.ask({ patienceMs: 100 })).error?.message).toContain('cannot be reached');
    const refused = await houseWith(() => ({ text: 'ok' }), {}, { candidate: { endpoint: 'http://10.0.0.1/v1' } });
    expect((await refused.ask()).error).toMatchObject({
      code: 'agent.permanent',
      message: expect.stringContaining('10.0.0.1'),
    });
  });

  it('bids, plans and decides in the shapes that patterns ask for', async () => {
    const made = await houseWith(({ system }) => {
      if (system.includes('asked for an offer')) return { text: '{"bid": {"price": 0.2, "etaMs": 900}}' };
      if (system.includes('Make a plan')) return { text: '{"plan": {"tasks": [{"id": "a", "capability": "write"}]}}' };
      return { text: '{"decision": {"score": 0.4, "reasons": ["too long"]}}' };
    });
    const bid = await made.ask({ kind: 'bid' });
    expect(bid.output).toEqual({ inline: { bid: { price: 0.2, etaMs: 900 } } });
    const planned = await made.ask({ kind: 'plan', input: { inline: { goal: 'g', allow: ['write'], maxTasks: 3 } } });
    expect(planned.output).toEqual({ inline: { tasks: [{ id: 'a', capability: 'write' }] } });
    const judged = await made.ask({ kind: 'decide', role: 'judge', input: { inline: { input: 1, output: 2 } } });
    expect(judged.output).toEqual({ inline: { score: 0.4, reasons: ['too long'] } });
    const told = await made.ask({ kind: 'decide', role: 'accept', input: { inline: { award: 'accept' } } });
    expect([told.output, made.llm.asked.length]).toEqual([{ inline: null }, 3]);
  });
});
