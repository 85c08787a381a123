import { describe, expect, it } from '@jest/globals';
import type { EventData } from '../contracts/events.js';
import { echo } from '../test/support/agent-house.js';
import { houseWith } from '../test/support/llm-house.js';
import { until } from '../test/support/until.js';

const tools = [{ capability: 'look.up', inputSchema: { type: 'object' } }];

describe.each(['openai-compatible', 'anthropic'])('a model that is spoken to as %s', (provider) => {
  type Made = Awaited<ReturnType<typeof houseWith>>;
  const progressOf = ({ house }: Made) =>
    house.written.flatMap(({ type, data }) => (type === 'call.progress' ? [data as EventData['call.progress']] : []));
  const told = (made: Made) =>
    progressOf(made)
      .map((one) => one.text ?? '')
      .join('');

  it('is heard while it speaks, all of it, in order', async () => {
    const text = 'The outage began at 03:12 and was over at 03:40.';
    const made = await houseWith(() => ({ text, pauseMs: 700 }), { provider });
    const asked = made.ask();
    let isOver = false;
    void asked.finally(() => (isOver = true));
    await until(() => progressOf(made).length > 0);
    expect(isOver).toBe(false);
    expect(text).toMatch(told(made));
    expect((await asked).output).toEqual({ inline: text });
    expect(told(made)).toBe(text);
    expect(progressOf(made)[0]).toMatchObject({ callKey: 'a', agent: 'model', attempt: 1 });
  });

  it('is told of in few events, however many pieces its answer has', async () => {
    const text = 'ABCD'.repeat(5_000);
    const made = await houseWith(() => ({ text, partLength: 10 }), { provider });
    await made.ask();
    const all = progressOf(made);
    expect(all.length).toBeLessThan(text.length / 10 / 20);
    expect(all.every((one) => (one.text ?? '').length <= 16_384)).toBe(true);
    const omitted = all.reduce((sum, one) => sum + (one.omitted ?? 0), 0);
    expect(told(made).length + omitted).toBe(text.length);
  });

  it('has a blank line between what it says before and after its tools', async () => {
    const call = { name: 'look_up', args: '{}' };
    const made = await houseWith(
      ({ results }) => (results.length > 0 ? { text: 'Mail is down.' } : { calls: [call], saying: 'I look it up.' }),
      { provider, tools },
    );
    await made.agent('helper', echo, { capability: 'look.up' });
    expect((await made.ask()).output).toEqual({ inline: 'Mail is down.' });
    expect(told(made)).toBe('I look it up.\n\nMail is down.');
  });
});
