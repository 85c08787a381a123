import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import type { EventData } from '../contracts/events.js';
import { callOf, createHouse, echo, finished } from '../test/support/agent-house.js';

jest.setTimeout(60_000);

const event = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const RESULT = event('result', { output: 'done', confidence: 0.5, usage: { outputTokens: 7, costUsd: 0.5 } });

/** An agent that streams what the parts say; a number is a pause. */
const streams =
  (...parts: (string | number)[]) =>
  (_: unknown, response: ServerResponse): undefined => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.flushHeaders();
    void (async () => {
      for (const part of parts)
        await (typeof part === 'number' ? sleep(part, undefined, { ref: false }) : void response.write(part));
      response.end();
    })();
  };

const silent = (_: unknown, response: ServerResponse): undefined => {
  response.flushHeaders();
};
const idle = (idleMs: number, attemptMs = 10_000) => ({ timeout: { attemptMs, totalMs: 10_000, idleMs } });
const once = { retry: { ...callOf('x').retry, maxAttempts: 1 } };

describe('an agent that streams its answer', () => {
  const progressIn = ({ written }: ReturnType<typeof createHouse>['house']) =>
    written.flatMap(({ type, data }) => (type === 'call.progress' ? [data as EventData['call.progress']] : []));

  it('is asked for it, and told of as it goes: in order, before its end, with usage', async () => {
    const { house, agent, run } = createHouse();
    let accept: string | undefined;
    const answer = streams(
      event('progress', { fraction: 0.25, message: 'reading' }),
      1_100,
      event('chunk', { text: 'do' }) + event('chunk', { text: 'ne' }) + event('progress', { fraction: 0.75 }),
      50,
      RESULT,
    );
    await agent('a', (request, response, incoming) => {
      accept = incoming.headers.accept;
      return answer(request, response);
    });
    const [outcome] = await run({ calls: [callOf('one')] });
    expect(accept).toBe('application/json, text/event-stream');
    expect(finished(outcome)).toMatchObject({
      status: 'completed',
      output: { inline: 'done' },
      confidence: 0.5,
      usage: { calls: 1, outputTokens: 7, costUsd: 0.5 },
    });
    expect(progressIn(house)).toEqual([
      expect.objectContaining({ callKey: 'one', agent: 'a', attempt: 1, fraction: 0.25, message: 'reading' }),
      expect.objectContaining({ fraction: 0.75, text: 'done' }),
    ]);
    expect(house.written.map(({ type }) => type)).toEqual(['call.started', 'call.progress', 'call.progress']);
    expect(house.order.at(-1)).toBe('record one');
  });

  it('may take many times its idle time, as long as it says something; a comment is enough', async () => {
    for (const part of [event('progress', {}), ': still here\n\n', 'x']) {
      const { agent, run } = createHouse();
      await agent('a', streams(...Array.from({ length: 12 }, () => [part, 50]).flat(), '\n\n', RESULT));
      const [outcome] = await run({ calls: [callOf('one', idle(200))] });
      expect(finished(outcome)).toMatchObject({ status: 'completed', attempts: 1 });
      expect(finished(outcome).execMs).toBeGreaterThan(3 * 200 - 50);
    }
  });

  it('that falls silent is given up for the next candidate', async () => {
    for (const answer of [streams(event('progress', { fraction: 0.5 }), 30_000), silent]) {
      const { agent, run } = createHouse();
      await agent('a', answer);
      const other = await agent('b', echo);
      const [outcome] = await run({ calls: [callOf('one', idle(150))] });
      expect(finished(outcome)).toMatchObject({ status: 'completed', agent: 'b', attempts: 2 });
      expect(finished(outcome).execMs).toBeLessThan(20_000);
      expect(other.requests[0]!.run.attempt).toBe(2);
    }
  });

  it('that falls silent alone has timed out, and is said to', async () => {
    const { agent, run } = createHouse();
    await agent('a', silent);
    const [outcome] = await run({ calls: [callOf('one', { ...idle(150), ...once })] });
    expect(finished(outcome).error).toMatchObject({
      code: 'agent.timeout',
      message: 'The agent said nothing for 150 ms',
      retryable: true,
    });
  });

  it('that trickles byte by byte ends at the time of an attempt', async () => {
    const { agent, run } = createHouse();
    await agent('a', streams(...Array.from({ length: 3_000 }, () => ['y', 20]).flat()));
    const [outcome] = await run({ calls: [callOf('one', { ...idle(200, 700), ...once })] });
    expect(finished(outcome).error).toMatchObject({
      code: 'agent.timeout',
      message: expect.stringContaining('700 ms'),
    });
    expect(finished(outcome).execMs).toBeLessThan(20_000);
  });

  it('fails as what its end says: cut, broken, an error, garbage, the wrong output, a question', async () => {
    const ends: [string, string][] = [
      [event('progress', { fraction: 0.9 }), 'agent.transient'],
      ['<html>hello</html>', 'agent.invalid_output'],
      ['event: result\ndata: {"output"\n\n', 'agent.invalid_output'],
      [event('result', { answer: 1 }), 'agent.invalid_output'],
      [event('error', { status: 503, detail: 'tired' }), 'agent.transient'],
      [event('error', { status: 422, detail: 'not mine' }), 'agent.rejected'],
      [event('error', { status: 429 }), 'agent.rate_limited'],
      [event('error', {}), 'agent.invalid_output'],
      [event('result', { inputRequired: { question: 'Which?' } }), 'agent.input_required'],
    ];
    for (const [text, code] of ends) {
      const { agent, run } = createHouse();
      await agent('a', streams(text));
      const [outcome] = await run({ calls: [callOf('one', once)] });
      expect([text, finished(outcome).error?.code]).toEqual([text, code]);
    }
    const { agent, run } = createHouse();
    await agent('a', (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event('progress', { fraction: 0.9 }), () => response.destroy());
      return undefined;
    });
    await agent('b', streams(RESULT));
    const [outcome] = await run({ calls: [callOf('one')] });
    expect(finished(outcome)).toMatchObject({ status: 'completed', agent: 'b', attempts: 2 });
  });

  it('may be given more time than a timer of Node can wait', async () => {
    const { agent, run } = createHouse();
    await agent('a', streams(50, RESULT));
    const forty = 40 * 86_400_000;
    const timeout = { attemptMs: forty, totalMs: forty, idleMs: forty };
    const [outcome] = await run({ deadlineAt: Date.now() + forty, calls: [callOf('one', { timeout, ...once })] });
    expect(finished(outcome)).toMatchObject({ status: 'completed', attempts: 1 });
  });

  it('has its result taken even if it never ends the stream', async () => {
    const { agent, run } = createHouse();
    await agent('a', streams(RESULT, 30_000));
    const [outcome] = await run({ calls: [callOf('one')] });
    expect(finished(outcome)).toMatchObject({ status: 'completed', output: { inline: 'done' } });
    expect(finished(outcome).execMs).toBeLessThan(20_000);
  });

  it('of 100 MB is refused at 10 MiB, without holding it, in one event or in many', async () => {
    const megabyte = 'x'.repeat(1_048_576);
    for (const part of [megabyte, event('chunk', { text: megabyte })]) {
      const { house, agent, run } = createHouse();
      let written = 0;
      await agent('a', (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const more = () => {
          if (response.destroyed || written >= 100) return;
          written += 1;
          response.write(part, more);
        };
        if (part === megabyte) response.write('event: chunk\ndata: ');
        more();
        return undefined;
      });
      const [outcome] = await run({ calls: [callOf('one', once)] });
      const { error } = finished(outcome);
      expect(error).toMatchObject({ code: 'agent.invalid_output', message: expect.stringContaining('10 MiB') });
      expect(written).toBeLessThan(40);
      expect(JSON.stringify(house.written).length).toBeLessThan(100_000);
    }
  });

  it('tells few events of thousands of reports', async () => {
    const { house, agent, run } = createHouse();
    const reports = Array.from({ length: 5_000 }, (_, index) => event('progress', { fraction: index / 5_000 })).join(
      '',
    );
    await agent('a', streams(reports, 300, reports, RESULT));
    await run({ calls: [callOf('one')] });
    expect(progressIn(house).length).toBeLessThanOrEqual(2);
    expect(progressIn(house).at(-1)).toMatchObject({ fraction: 4_999 / 5_000 });
  });

  it('keeps its connection for the next calls', async () => {
    const { agent, run } = createHouse();
    const ports = new Set<number | undefined>();
    await agent('a', (_, response, incoming) => {
      ports.add(incoming.socket.remotePort);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(RESULT);
      return undefined;
    });
    for (let number = 0; number < 10; number += 1) await run({ calls: [callOf(`${number}`)] });
    // One may not be free again before the next call looks for it.
    expect(ports.size).toBeLessThanOrEqual(2);
  });
});
