/** One message of a server-sent event stream. */
export interface StreamMessage {
  id: string | undefined;
  event: string;
  data: string;
  retryMs: number | undefined;
}

/** Parses `text/event-stream` (WHATWG HTML §9.2.6): any line ending, comments, several data lines, split chunks. */
export async function* readMessages(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamMessage> {
  let message = emptyMessage();
  for await (const line of readLines(body)) {
    if (line !== '') message = withField(message, line);
    else if (message.lines.length === 0) message = emptyMessage();
    else {
      const { lines, ...rest } = message;
      message = emptyMessage();
      yield { ...rest, data: lines.join('\n') };
    }
  }
}

type Draft = Omit<StreamMessage, 'data'> & { lines: string[] };
const emptyMessage = (): Draft => ({ id: undefined, event: 'message', retryMs: undefined, lines: [] });

function withField(draft: Draft, line: string): Draft {
  const colon = line.indexOf(':');
  const field = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
  switch (field) {
    case 'data':
      return { ...draft, lines: [...draft.lines, value] };
    case 'id':
      return value.includes('\0') ? draft : { ...draft, id: value };
    case 'event':
      return { ...draft, event: value };
    case 'retry':
      return /^\d+$/.test(value) ? { ...draft, retryMs: Number(value) } : draft;
    default:
      return draft;
  }
}

/** A `\r` at the end of a chunk may be half of a `\r\n`, so it waits for the next chunk. */
async function* readLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    for (let end = /\r\n|\n|\r(?!$)/.exec(rest); end; end = /\r\n|\n|\r(?!$)/.exec(rest)) {
      yield rest.slice(0, end.index);
      rest = rest.slice(end.index + end[0].length);
    }
  }
  if (rest.endsWith('\r')) yield rest.slice(0, -1);
}
