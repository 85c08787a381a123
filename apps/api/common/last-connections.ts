import type { Server } from 'node:http';
import { Injectable, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

const LOOK_EVERY_MS = 50;
const CUT_OFF_AFTER_MS = 3_000;

/**
 * A server that closes waits for its connections. One that was in use when it began to close would be kept open for five
 * seconds after its answer, and that of a stream whose reader reads nothing for good: the first are closed as soon as
 * they are idle, the others cut off.
 */
@Injectable()
export class LastConnections implements OnModuleDestroy, OnApplicationShutdown {
  private looking: NodeJS.Timeout | undefined;
  private cuttingOff: NodeJS.Timeout | undefined;

  constructor(private readonly adapter: HttpAdapterHost) {}

  onModuleDestroy(): void {
    const server = this.adapter.httpAdapter.getHttpServer() as Server;
    this.looking = setInterval(() => server.closeIdleConnections(), LOOK_EVERY_MS);
    this.cuttingOff = setTimeout(() => server.closeAllConnections(), CUT_OFF_AFTER_MS);
  }

  /** Nest calls it once the server has closed. */
  onApplicationShutdown(): void {
    clearInterval(this.looking);
    clearTimeout(this.cuttingOff);
  }
}
