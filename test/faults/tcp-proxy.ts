import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Trouble } from './schedule.js';

interface Pair {
  client: Socket;
  server: Socket;
}

/** Stands in a link, and does to it what it is told; all else passes. */
export class TcpProxy {
  private readonly pairs = new Set<Pair>();
  private readonly abandoned = new Set<Socket>();
  private trouble: Trouble | undefined;

  private constructor(
    private readonly server: Server,
    private readonly target: { host: string; port: number },
  ) {}

  static async before(target: { host: string; port: number }): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, target);
    server.on('connection', (client) => proxy.take(client));
    await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 2_048 }, resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  begin(trouble: Trouble): void {
    this.trouble = trouble;
    for (const pair of this.pairs) {
      if (trouble.kind === 'reset') end(pair);
      if (trouble.kind === 'black hole') hold(pair);
      if (trouble.kind === 'half-open') this.abandon(pair);
    }
  }

  /** What was abandoned stays so. */
  heal(): void {
    this.trouble = undefined;
    for (const { client, server } of this.pairs) for (const socket of [client, server]) socket.resume();
  }

  async stop(): Promise<void> {
    for (const pair of this.pairs) end(pair);
    for (const client of this.abandoned) client.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(client: Socket): void {
    client.on('error', () => undefined);
    if (this.trouble?.kind === 'reset') {
      client.resetAndDestroy();
      return;
    }
    const server = connect(this.target);
    server.on('error', () => undefined);
    const pair = { client, server };
    this.pairs.add(pair);
    this.pass(client, server);
    server.on('data', () => {
      if (this.trouble?.kind === 'lost answers') end(pair);
    });
    this.pass(server, client);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const)
      one.on('close', () => {
        if (!this.pairs.delete(pair)) return;
        other.destroySoon();
      });
    if (this.trouble?.kind === 'black hole') hold(pair);
  }

  /** One chunk after the other: TCP keeps their order, whatever it is told in between. */
  private pass(from: Socket, to: Socket): void {
    const waiting: Buffer[] = [];
    let isBusy = false;
    const next = () => {
      while (!isBusy) {
        const chunk = waiting.shift();
        if (!chunk) return;
        const waitMs = this.delayOf(chunk);
        if (waitMs === 0) this.forward(from, to, chunk);
        else delay(chunk, waitMs);
      }
    };
    const delay = (chunk: Buffer, waitMs: number) => {
      isBusy = true;
      from.pause();
      setTimeout(() => {
        isBusy = false;
        this.forward(from, to, chunk);
        if (this.trouble?.kind !== 'black hole') from.resume();
        next();
      }, waitMs);
    };
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => {
      waiting.push(chunk);
      next();
    });
    from.on('end', () => to.end());
  }

  private forward(from: Socket, to: Socket, chunk: Buffer): void {
    if (to.destroyed || to.write(chunk)) return;
    from.pause();
    to.once('drain', () => {
      if (this.trouble?.kind !== 'black hole') from.resume();
    });
  }

  private delayOf({ length }: Buffer): number {
    if (this.trouble?.kind === 'latency') return this.trouble.ms;
    if (this.trouble?.kind === 'bandwidth') return Math.ceil((length / this.trouble.bytesPerSecond) * 1_000);
    return 0;
  }

  /** The server's end goes, and the client hears nothing of it. */
  private abandon(pair: Pair): void {
    this.pairs.delete(pair);
    pair.server.removeAllListeners('data').removeAllListeners('end');
    pair.server.resetAndDestroy();
    pair.client.removeAllListeners('data').removeAllListeners('end').resume();
    this.abandoned.add(pair.client);
    pair.client.once('close', () => this.abandoned.delete(pair.client));
  }
}

function end({ client, server }: Pair): void {
  client.resetAndDestroy();
  server.resetAndDestroy();
}

function hold({ client, server }: Pair): void {
  client.pause();
  server.pause();
}
