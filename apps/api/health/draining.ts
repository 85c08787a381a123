import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';

/** Between the word to stop and the stop the API serves on, while load balancers learn to send elsewhere what comes. */
@Injectable()
export class Draining {
  private isOn = false;

  get hasBegun(): boolean {
    return this.isOn;
  }

  begin(): void {
    this.isOn = true;
  }

  /** A client asks its next question on another connection: on this one it would be lost when the server closes it. */
  readonly lettingGo = (_request: unknown, response: ServerResponse, next: () => void): void => {
    if (this.isOn) response.setHeader('connection', 'close');
    next();
  };
}
