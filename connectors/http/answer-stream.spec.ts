import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AgentSaid } from '../../contracts/agent-progress.js';
import { AnswerStream } from './answer-stream.js';

function read(...chunks: (string | Uint8Array)[]) {
  const said: AgentSaid[] = [];
  const stream = new AnswerStream((one) => said.push(one));
  for (const chunk of chunks) stream.write(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk);
  return { said, end: stream.close() };
}

const event = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

describe('a streamed answer', () => {
  const whole = [
    ': hello\r\n\r\n',
    'event:progress\r\ndata: {"fraction": 0.5,\r\ndata: "message": "gründlich 😀"}\r\rid: 7\n',
    '\n',
    event('chunk', { text: 'a' }),
    event('result', { output: 1 }),
  ].join('');
  const told = {
    said: [{ fraction: 0.5, message: 'gründlich 😀' }, { text: 'a' }],
    end: { kind: 'answered', status: 200, text: '{"output":1}' },
  };

  it('is read alike wherever it is cut: within a character, a line end, an event', () => {
    const bytes = new TextEncoder().encode(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        expect(read(...at.slice(1).map((end, index) => bytes.slice(at[index], end)))).toEqual(told);
      }),
    );
    expect(read(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(told);
  });

  it('passes over what it does not know, and progress of another shape', () => {
    const strange = [
      event('thought', { text: 'hm' }),
      'data: {"output": 1}\n\n',
      event('progress', { fraction: 2 }),
      event('progress', { message: 'x'.repeat(1_001) }),
      event('progress', { data: 'x'.repeat(9_000) }),
      event('progress', { data: { key: '\0' } }),
      'event: progress\ndata: not JSON\n\n',
      event('chunk', 'text'),
    ];
    expect(read(...strange, event('result', { output: 2 }))).toMatchObject({ said: [], end: { text: '{"output":2}' } });
  });

  it('may end in the failure that a direct answer would have been', () => {
    expect(read(event('error', { status: 503, detail: 'tired' })).end).toMatchObject({ kind: 'answered', status: 503 });
    expect(read(event('error', { status: 200 })).end).toMatchObject({ kind: 'answer' });
    expect(read(event('error', 'tired')).end).toMatchObject({ kind: 'answer' });
  });

  it('is cut when it has no end, and none when there are no events in it', () => {
    expect(read(event('progress', {})).end).toEqual({ kind: 'cut' });
    expect(read(event('progress', {}), 'event: result\ndata: {"output": 1}\n').end).toEqual({ kind: 'cut' });
    expect(read('<html>', 'garbage').end).toMatchObject({ kind: 'answer', reason: 'it is no stream of events' });
    expect(read().end).toMatchObject({ kind: 'answer' });
  });
});
