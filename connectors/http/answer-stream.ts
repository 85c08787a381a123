import { agentChunkSchema, type AgentSaid, ANSWER_EVENTS } from '../../contracts/agent-progress.js';
import { laterFailureSchema } from '../../contracts/later-answers.js';
import type { AgentFailure } from '../lib/classify-failure.js';
import { readProgress } from '../lib/read-progress.js';

const MAX_EVENT_LENGTH = 10 * 1_024 * 1_024;

/** The end of a streamed answer, as a direct answer would have said it. */
export type StreamEnd = { kind: 'answered'; status: number; text: string } | AgentFailure;

/**
 * An answer that comes as events (`text/event-stream`, WHATWG HTML §9.2.6), taken in as its bytes come. Events of other
 * names and progress that cannot be read are passed over: agents may be newer than we are.
 */
export class AnswerStream {
  /** Once the result or the error has come. */
  end: StreamEnd | undefined;
  private readonly decoder = new TextDecoder();
  /** Of the line that is not over yet. */
  private readonly pieces: string[] = [];
  private endedByReturn = false;
  private event = '';
  private data: string[] = [];
  /** Characters of the event that is not over yet. */
  private held = 0;
  private hasEvents = false;

  constructor(private readonly onProgress: (said: AgentSaid) => void) {}

  write(bytes: Uint8Array): void {
    let text = this.decoder.decode(bytes, { stream: true });
    if (text === '') return;
    // The second half of a line's end that fell between two reads.
    if (this.endedByReturn && text.startsWith('\n')) text = text.slice(1);
    this.endedByReturn = text.endsWith('\r');
    this.held += text.length;
    const lines = text.split(/\r\n|\n|\r/);
    const rest = lines.pop() ?? '';
    for (const line of lines) {
      this.pieces.push(line);
      this.take(this.pieces.splice(0).join(''));
    }
    if (rest !== '') this.pieces.push(rest);
    if (this.held > MAX_EVENT_LENGTH) this.end ??= { kind: 'too_large' };
  }

  /** What the answer comes to when no more bytes follow. */
  close(): StreamEnd {
    if (this.end) return this.end;
    return this.hasEvents ? { kind: 'cut' } : { kind: 'answer', reason: 'it is no stream of events' };
  }

  private take(line: string): void {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.event = value;
    if (field === 'data') this.data.push(value);
  }

  private dispatch(): void {
    const [event, data] = [this.event, this.data.join('\n')];
    const hasData = this.data.length > 0;
    [this.event, this.data, this.held] = ['', [], 0];
    if (!hasData || this.end) return;
    this.hasEvents = true;
    switch (event) {
      case ANSWER_EVENTS.progress:
        return this.tell(readProgress(jsonOf(data)));
      case ANSWER_EVENTS.chunk:
        return this.tell(agentChunkSchema.safeParse(jsonOf(data)).data);
      case ANSWER_EVENTS.result:
        this.end = { kind: 'answered', status: 200, text: data };
        return;
      case ANSWER_EVENTS.error: {
        const failure = laterFailureSchema.safeParse(jsonOf(data)).data;
        this.end = failure
          ? { kind: 'answered', status: failure.status, text: data }
          : { kind: 'answer', reason: 'its error event is not {"status": 400 to 599, "detail": "…"}' };
      }
    }
  }

  private tell(said: AgentSaid | undefined): void {
    if (said) this.onProgress(said);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
