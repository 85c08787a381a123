import { createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong with one request. */
export type Fault =
  /** Answered by the proxy: nothing has happened. */
  | { kind: 'status'; status: number; headers?: Record<string, string> }
  | { kind: 'reset' }
  /** Passed on after a while. */
  | { kind: 'delay'; ms: number }
  /** It has happened, and the answer is lost, or half of it. */
  | { kind: 'dropped' }
  | { kind: 'truncated' };

export interface ProxiedRequest {
  method: string;
  path: string;
}

/** Stands before an outside system, and lets go wrong what a test says; all else passes. */
export class FaultProxy {
  readonly seen: ProxiedRequest[] = [];
  private readonly faults: { fits: (request: ProxiedRequest) => boolean; fault: Fault }[] = [];

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  static async before(target: string): Promise<FaultProxy> {
    const server = createServer();
    const proxy = new FaultProxy(server, new URL(target));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => proxy.take(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Of the next request that fits. */
  next(fits: RegExp, fault: Fault): void {
    this.faults.push({ fits: ({ method, path }) => fits.test(`${method} ${path}`), fault });
  }

  /** How many of them came. */
  count(fits: RegExp): number {
    return this.seen.filter(({ method, path }) => fits.test(`${method} ${path}`)).length;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    const seen = { method: request.method ?? 'GET', path: request.url ?? '/' };
    this.seen.push(seen);
    const place = this.faults.findIndex(({ fits }) => fits(seen));
    const fault = place < 0 ? undefined : this.faults.splice(place, 1)[0]?.fault;
    if (fault?.kind === 'status') {
      request.resume();
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end('{}');
    } else if (fault?.kind === 'reset') response.destroy();
    else if (fault?.kind === 'delay') setTimeout(() => this.pass(request, response), fault.ms);
    else this.pass(request, response, fault);
  }

  private pass(request: IncomingMessage, response: ServerResponse, fault?: Fault): void {
    const headers = { ...request.headers, host: this.target.host };
    const onward = ask(new URL(request.url ?? '/', this.target), { method: request.method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        if (fault?.kind === 'dropped') return response.destroy();
        const { 'transfer-encoding': _, 'content-length': __, ...rest } = answer.headers;
        const { statusCode = 502 } = answer;
        response.writeHead(statusCode, statusCode === 204 ? rest : { ...rest, 'content-length': body.length });
        if (fault?.kind !== 'truncated') return response.end(body);
        response.write(body.subarray(0, body.length / 2), () => response.destroy());
      });
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }
}
