import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request of either wire format, as scripts see it. */
export interface AskedModel {
  model: string;
  system: string;
  /** Without the system's. */
  messages: { role: string; text: string }[];
  tools: string[];
  /** Answers of tools so far, in order. */
  results: string[];
  isJson: boolean;
  headers: IncomingHttpHeaders;
}

/** What the model does; `args` as they stand on the wire. */
export type ModelReply = { usage?: { input: number; output: number; cached?: number } } & (
  | {
      text: string;
      /** Between the parts of the text, each so long. */ pauseMs?: number;
      partLength?: number;
      finish?: string;
    }
  | { calls: { name: string; args: string }[]; /** What is said before them. */ saying?: string }
  | { status: number; headers?: Record<string, string>; error: string }
  /** The connection breaks after this. */
  | { cutAfter: string }
  /** An error in the middle of the stream. */
  | { breaks: string }
);

type Script = (asked: AskedModel) => ModelReply | Promise<ModelReply>;
const PARTS = 4;

/** A server that speaks Chat Completions (`/v1/chat/completions`) and Messages (`/v1/messages`), streamed, by a script. */
export class LlmServer {
  readonly asked: AskedModel[] = [];

  private constructor(
    private readonly server: Server,
    readonly origin: string,
    public script: Script,
  ) {}

  static async listen(script: Script): Promise<LlmServer> {
    const server = createServer((request, response) => {
      response.on('error', () => undefined);
      void (async () => {
        const body = JSON.parse(await text(request)) as Body;
        const isAnthropic = request.url === '/v1/messages';
        const asked = { ...(isAnthropic ? askedOfMessages(body) : askedOfCompletions(body)), headers: request.headers };
        llm.asked.push(asked);
        await answer(response, await llm.script(asked), isAnthropic ? messages : completions);
      })();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const llm = new LlmServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, script);
    return llm;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

type Part = { type?: string; text?: string; content?: unknown };
interface Body {
  model: string;
  system?: { text: string }[];
  messages: { role: string; content: string | Part[] | null }[];
  tools?: { name?: string; function?: { name: string } }[];
  response_format?: { type: string };
}

const textIn = (content: unknown): string =>
  typeof content === 'string' ? content : ((content as Part[] | null)?.map((part) => part.text ?? '').join('') ?? '');

function askedOfCompletions({ model, messages: all, tools = [], response_format: format }: Body) {
  const said = all.map(({ role, content }) => ({ role, text: textIn(content) }));
  return {
    model,
    system: said.find(({ role }) => role === 'system')?.text ?? '',
    messages: said.filter(({ role }) => role !== 'system'),
    tools: tools.map((tool) => tool.function?.name ?? ''),
    results: said.filter(({ role }) => role === 'tool').map((message) => message.text),
    isJson: format !== undefined,
  };
}

function askedOfMessages({ model, system = [], messages: all, tools = [] }: Body) {
  const parts = all.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  return {
    model,
    system: textIn(system),
    messages: all.map(({ role, content }) => ({ role, text: textIn(content) })),
    tools: tools.map(({ name }) => name ?? ''),
    results: parts.filter(({ type }) => type === 'tool_result').map(({ content }) => textIn(content)),
    isJson: false,
  };
}

interface Wire {
  begin: (usage: Usage) => string[];
  say: (part: string) => string[];
  call: (place: number, name: string, args: string) => string[];
  end: (reason: string, usage: Usage) => string[];
  fail: (message: string) => string[];
}
type Usage = { input: number; output: number; cached?: number };

async function answer(response: ServerResponse, reply: ModelReply, wire: Wire): Promise<void> {
  if ('status' in reply) {
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
    return void response.end(JSON.stringify({ error: { message: reply.error, type: 'error' } }));
  }
  const send = (lines: string[]) => void response.write(lines.join(''));
  const { usage = { input: 10, output: 5 } } = reply;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  send(wire.begin(usage));
  if ('cutAfter' in reply) {
    send(wire.say(reply.cutAfter));
    await sleep(20);
    return void response.destroy();
  }
  if ('breaks' in reply) {
    send(wire.fail(reply.breaks));
    return void response.end();
  }
  if ('calls' in reply) {
    if (reply.saying !== undefined) send(wire.say(reply.saying));
    for (const [place, { name, args }] of reply.calls.entries()) send(wire.call(place, name, args));
    send(wire.end('tool', usage));
    return void response.end();
  }
  const size = reply.partLength ?? (Math.ceil(reply.text.length / PARTS) || 1);
  for (let at = 0; at < reply.text.length; at += size) {
    send(wire.say(reply.text.slice(at, at + size)));
    if (reply.pauseMs !== undefined) await sleep(reply.pauseMs);
  }
  send(wire.end(reply.finish ?? 'stop', usage));
  response.end();
}

const chunk = (choice: object, more: object = {}) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, ...choice }], ...more })}\n\n`;
const completions: Wire = {
  begin: () => [chunk({ delta: { role: 'assistant', content: '' } })],
  say: (part) => [chunk({ delta: { content: part } })],
  call: (place, name, args) => [
    chunk({
      delta: {
        tool_calls: [{ index: place, id: `call-${place}`, type: 'function', function: { name, arguments: '' } }],
      },
    }),
    chunk({ delta: { tool_calls: [{ index: place, function: { arguments: args } }] } }),
  ],
  end: (reason, { input, output, cached = 0 }) => [
    chunk({ delta: {}, finish_reason: reason === 'tool' ? 'tool_calls' : reason }),
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output, prompt_tokens_details: { cached_tokens: cached } } })}\n\n`,
    'data: [DONE]\n\n',
  ],
  fail: (message) => [`data: ${JSON.stringify({ error: { message, type: 'server_error' } })}\n\n`],
};

const event = (type: string, data: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
const block = (index: number, content: object, deltas: object[]) => [
  event('content_block_start', { index, content_block: content }),
  ...deltas.map((delta) => event('content_block_delta', { index, delta })),
  event('content_block_stop', { index }),
];
const REASONS: Record<string, string> = { tool: 'tool_use', stop: 'end_turn', length: 'max_tokens' };
const messages: Wire = {
  begin: ({ input, cached = 0 }) => [
    event('message_start', {
      message: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: {
          input_tokens: input - cached,
          cache_read_input_tokens: cached,
          cache_creation_input_tokens: 0,
          output_tokens: 1,
        },
      },
    }),
  ],
  say: (part) => block(0, { type: 'text', text: '' }, [{ type: 'text_delta', text: part }]),
  call: (place, name, args) =>
    block(place + 1, { type: 'tool_use', id: `call-${place}`, name, input: {} }, [
      { type: 'input_json_delta', partial_json: args },
    ]),
  end: (reason, { output }) => [
    event('message_delta', {
      delta: { stop_reason: REASONS[reason] ?? reason, stop_sequence: null },
      usage: { output_tokens: output },
    }),
    event('message_stop', {}),
  ],
  fail: (message) => [event('error', { error: { type: 'overloaded_error', message } })],
};
