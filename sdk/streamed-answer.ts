import type { ServerResponse } from 'node:http';
import { type AgentProgress, type AgentSaid, ANSWER_EVENTS } from '../contracts/agent-progress.js';
import { AGENT_PROTOCOL_VERSION, AGENT_HEADERS } from '../contracts/agent-protocol.js';

const PACE_MS = 250;
const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  [AGENT_HEADERS.protocol]: String(AGENT_PROTOCOL_VERSION),
};
/** What waits for a caller that reads too slowly; beyond it progress is left out. */
const MAX_UNREAD_BYTES = 1_048_576;

/** An answer as a stream of events, from the first thing that is said before it; few of them, however chatty the work. */
export class StreamedAnswer {
  private progress: AgentProgress | undefined;
  private timer: NodeJS.Timeout | undefined;
  private saidAt = 0;

  constructor(private readonly response: ServerResponse) {}

  get isOpen(): boolean {
    return this.response.headersSent;
  }

  say({ text, ...progress }: AgentSaid): void {
    if (this.response.writableEnded || this.response.destroyed) return;
    if (!this.isOpen) this.response.writeHead(200, HEADERS);
    if (this.response.writableLength > MAX_UNREAD_BYTES) return;
    if (text !== undefined) this.write(ANSWER_EVENTS.chunk, { text });
    if (text !== undefined && Object.keys(progress).length === 0) return;
    this.progress = { ...this.progress, ...progress };
    this.timer ??= setTimeout(() => this.flush(), Math.max(0, this.saidAt + PACE_MS - Date.now()));
  }

  /** `body` is that of the direct answer, or of the failure in its stead. */
  end(event: 'result' | 'error', body: object): void {
    this.flush();
    this.response.end(eventOf(event, body));
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.progress || this.response.destroyed) return;
    this.saidAt = Date.now();
    this.write(ANSWER_EVENTS.progress, this.progress);
    this.progress = undefined;
  }

  private write(event: string, data: object): void {
    this.response.write(eventOf(event, data));
  }
}

const eventOf = (event: string, data: object) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
