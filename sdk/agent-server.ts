import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { AGENT_PROTOCOL_VERSION, AGENT_HEADERS } from '../contracts/agent-protocol.js';
import type { AgentOptions } from './agent-options.js';
import { AgentProblem } from './agent-problem.js';
import { readAgentRequest } from './agent-request.js';
import type { AgentTasks } from './agent-tasks.js';
import { StreamedAnswer } from './streamed-answer.js';

export interface AgentServerOptions {
  tasks: AgentTasks;
  log: Logger;
  maxBodyBytes: number;
  health: AgentOptions['health'];
  authenticate: AgentOptions['authenticate'];
}

const CLOSE_GRACE_MS = 500;

/** The HTTP side of an agent: `POST` anywhere is a task, `GET …/health` tells how it is. */
export class AgentServer {
  signingSecret: string | undefined;
  /** Nothing is done before the secret is known, and nothing new while it stops. */
  state: 'starting' | 'serving' | 'draining' = 'starting';
  private readonly server: Server;

  constructor(private readonly options: AgentServerOptions) {
    this.server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
      void this.answer(request, response);
    });
  }

  /** The port it listens on; the first free one of a range. */
  async listen(host: string, port: NonNullable<AgentOptions['port']>): Promise<number> {
    const { from, to } = typeof port === 'number' ? { from: port, to: port } : port;
    for (let candidate = from; ; candidate += 1) {
      try {
        this.server.listen({ host, port: candidate, backlog: 1_024 });
        await once(this.server, 'listening');
        return (this.server.address() as AddressInfo).port;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || candidate >= to) throw error;
      }
    }
  }

  /** Answers that are on their way get out; a handler that ignores its signal is not waited for. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    const timer = setTimeout(() => this.server.closeAllConnections(), CLOSE_GRACE_MS);
    await closed;
    clearTimeout(timer);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (request.method === 'POST') await this.perform(request, response);
      else if (request.method === 'GET' && /\/health\/?$/.test(pathOf(request))) await this.sayHealth(response);
      else throw new AgentProblem(404, 'Not found', 'POST a task here, or GET /health');
    } catch (error) {
      this.partIfDraining(response);
      sendProblem(request, response, this.problemOf(error));
    }
  }

  private async perform(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.state !== 'serving')
      throw new AgentProblem(503, 'Not serving', `the agent is ${this.state}`, { retryAfterS: 1 });
    const { maxBodyBytes, tasks } = this.options;
    await this.authenticate(request);
    const task = await readAgentRequest(request, { maxBodyBytes, signingSecret: this.signingSecret });
    const left = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) left.abort();
    });
    const traceparent = request.headers[AGENT_HEADERS.traceparent];
    const stream = acceptsStream(request) ? new StreamedAnswer(response) : undefined;
    const performed = tasks.perform({
      request: task,
      left: left.signal,
      traceparent: typeof traceparent === 'string' ? traceparent : undefined,
      hear: stream?.say.bind(stream),
    });
    try {
      const { status, body } = await performed;
      if (stream?.isOpen) return stream.end('result', body);
      this.partIfDraining(response);
      send(response, status, 'application/json', body);
    } catch (error) {
      if (!stream?.isOpen) throw error;
      const { status, message } = this.problemOf(error);
      stream.end('error', { status, detail: message.slice(0, 4_096) });
    }
  }

  /** What is said of a failure; the agent's own are in its log. */
  private problemOf(error: unknown): AgentProblem {
    const problem = error instanceof AgentProblem ? error : new AgentProblem(500, 'Failed', 'the agent failed');
    if (problem.status >= 500) this.options.log.error({ err: problem.cause ?? error }, problem.message);
    return problem;
  }

  private async authenticate({ headers, socket }: IncomingMessage): Promise<void> {
    const { authenticate } = this.options;
    if (!authenticate) return;
    const isKnown = await Promise.resolve({ headers, remoteAddress: socket.remoteAddress })
      .then(authenticate)
      .catch((cause: unknown) => {
        this.options.log.warn({ err: cause }, 'the check of who asks failed');
        return false;
      });
    if (!isKnown) throw new AgentProblem(401, 'Not authenticated', 'the agent does not know who asks');
  }

  /** Otherwise the connection would live on beside a server that wants to close. */
  private partIfDraining(response: ServerResponse): void {
    if (this.state === 'draining') response.setHeader('connection', 'close');
  }

  private async sayHealth(response: ServerResponse): Promise<void> {
    const { tasks, health } = this.options;
    const details = await Promise.resolve()
      .then(health)
      .catch((cause: unknown) => {
        throw new AgentProblem(503, 'Unhealthy', 'the health check of the agent fails', { cause });
      });
    send(response, this.state === 'draining' ? 503 : 200, 'application/json', {
      status: this.state === 'serving' ? 'ok' : this.state,
      inFlight: tasks.inFlight,
      maxConcurrency: tasks.maxConcurrency,
      ...(details === undefined ? {} : { details }),
    });
  }
}

const acceptsStream = ({ headers }: IncomingMessage) => /\btext\/event-stream\b/i.test(headers.accept ?? '');
const pathOf = (request: IncomingMessage) => (request.url ?? '/').split('?', 1)[0] ?? '/';

function sendProblem(request: IncomingMessage, response: ServerResponse, problem: AgentProblem): void {
  const { status, title, message: detail, errors, retryAfterS } = problem;
  if (retryAfterS !== undefined) response.setHeader('retry-after', String(retryAfterS));
  // What is left of a body that was not read would be taken for the next request.
  if (!request.complete) response.setHeader('connection', 'close');
  send(response, status, 'application/problem+json', { type: 'about:blank', title, status, detail, errors });
}

function send(response: ServerResponse, status: number, type: string, body: unknown): void {
  if (response.destroyed) return;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    [AGENT_HEADERS.protocol]: String(AGENT_PROTOCOL_VERSION),
  });
  response.end(text);
}
