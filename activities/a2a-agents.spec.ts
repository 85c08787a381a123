import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Json } from '../contracts/json.js';
import { callOf } from '../test/support/agent-house.js';
import { remoteHouse } from '../test/support/remote-house.js';
import { servedA2a } from '../test/support/served-a2a.js';

const once = { maxAttempts: 1, initialMs: 1, factor: 1, maxMs: 1, jitter: 0, nonRetryable: [] };

describe.each(['/1.json', '/0.3.json'])('an agent that is reached by its card %s', (card) => {
  let server: Awaited<ReturnType<typeof servedA2a>>;
  beforeAll(async () => {
    server = await servedA2a(async (said, turn) => {
      if (said === 'slow') await new Promise((resolve) => setTimeout(resolve, 500));
      if (said === 'never') await new Promise(() => undefined);
      if (said === 'ask' && turn === 1) return { state: 'INPUT_REQUIRED', parts: [{ text: 'Which century?' }] };
      if (said === 'fail') return { state: 'FAILED', parts: [{ text: 'out of ink' }] };
      if (said === 'refuse') return { state: 'REJECTED', parts: [{ text: 'not my trade' }] };
      if (said === 'login') return { state: 'AUTH_REQUIRED', parts: [{ text: 'sign in' }] };
      const isData = typeof said === 'object';
      return {
        state: 'COMPLETED',
        parts: isData ? [{ data: { got: said } }] : [{ text: String(said) }, { text: 'amen' }],
      };
    });
  });
  afterAll(() => server.stop());
  const houseAt = async (settings: object = {}) => {
    const house = remoteHouse('a2a', `${server.origin}${card}`, settings);
    await house.register();
    return house;
  };
  const input = (said: Json) => ({ input: { inline: said } });
  const sent = () => server.asked.filter(({ body }) => /^(?:message\/send|SendMessage)$/.test(body.method));

  it('has its skills as capabilities', async () => {
    const found = await remoteHouse('a2a', `${server.origin}${card}`, { prefix: 'scribe.' }).discover();
    expect(found).toEqual({
      description: 'Writes',
      capabilities: [
        { name: 'scribe.translate', description: 'Into Latin', inputTypes: ['text/plain'], tags: ['text'] },
      ],
      names: { 'scribe.translate': 'translate' },
    });
  });

  it('does a task: a message, the data or the texts of its artifacts is the output', async () => {
    const ask = async (...asked: Parameters<Awaited<ReturnType<typeof houseAt>>['ask']>) =>
      (await houseAt()).ask(...asked);
    expect(await ask('translate', input('hello'))).toMatchObject({ output: { inline: 'HELLO' } });
    expect(await ask('translate', input('salve'))).toMatchObject({ output: { inline: 'salve\namen' } });
    expect(await ask('translate', input({ a: 1 }))).toMatchObject({ output: { inline: { got: { a: 1 } } } });
    expect(sent().at(-1)?.body.params).toMatchObject({
      message: { messageId: expect.stringMatching(/^run-1\/a\/\d$/), metadata: { skill: 'translate' } },
    });
    expect(sent().at(-1)?.headers['a2a-version']).toBe(card === '/1.json' ? '1.0' : '0.3');
  });

  it('is followed until its task has ended, within the time of the call', async () => {
    const slow = await houseAt();
    expect(await slow.ask('translate', input('slow'))).toMatchObject({ output: { inline: 'slow\namen' } });
    const late = { ...input('never'), timeout: { attemptMs: 5_000, totalMs: 1_000 }, retry: once };
    expect((await (await houseAt()).ask('translate', late)).error).toMatchObject({ code: 'agent.timeout' });
  });

  it('goes on with the task that it has taken when the call is made again', async () => {
    const first = await houseAt();
    await first.ask('translate', input('slow'));
    const before = sent().length;
    first.house.rows.clear();
    expect(await first.ask('translate', input('slow'))).toMatchObject({ output: { inline: 'slow\namen' } });
    expect(sent()).toHaveLength(before);
  });

  it('asks a person what it needs to know, and is answered within the same task', async () => {
    const { ask, house, run } = await houseAt();
    const asked = await ask('translate', input('ask'));
    expect(asked.error).toMatchObject({ code: 'agent.input_required', asked: { question: 'Which century?' } });
    const answers = [{ question: 'Which century?', answer: 'the first' }];
    const context = { inline: { answers } };
    const again = { ...input('ask'), key: 'a/answers/1', path: '/a', target: { capability: 'translate' }, context };
    const [end] = await run({ calls: [callOf('a/answers/1', again)] });
    expect(end).toMatchObject({ status: 'completed', output: { inline: 'the first\namen' } });
    const [open] = house.tasks.get('a')!;
    expect(sent().at(-1)?.body.params).toMatchObject({ message: { taskId: open!.taskId, contextId: open!.contextId } });
  });

  it.each([
    ['fail', 'agent.transient', /out of ink/],
    ['refuse', 'agent.rejected', /not my trade/],
    ['login', 'agent.permanent', /authorised/],
  ])('says how its task %s ended', async (said, code, why) => {
    const { ask } = await houseAt();
    const { error } = await ask('translate', { ...input(said), retry: once });
    expect(error).toMatchObject({ code, message: expect.stringMatching(why) });
  });

  it('is not registered by a card that is not there or names no way to it', async () => {
    const at = (path: string) => remoteHouse('a2a', `${server.origin}${path}`).discover();
    await expect(at('/nothing.json')).rejects.toMatchObject({ code: 'agent.permanent' });
    await expect(at('/none.json')).rejects.toMatchObject({ code: 'agent.invalid_output' });
  });
});
