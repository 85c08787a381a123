import type { LeaseAnswer, LeaseRequest } from '../contracts/needs.js';
import { AskTogether } from '../database/ask-together.js';
import type { Leases } from './dependencies.js';

/** Where calls ask for resources: those that ask together share a transaction, and hear when one has given some back. */
export class LeaseDesk {
  private readonly desk: AskTogether<LeaseRequest, LeaseAnswer>;
  private readonly waiting = new Map<string, Set<() => void>>();

  constructor(leases: Leases) {
    this.desk = new AskTogether((orgId, requests) => leases.ask(orgId, requests));
  }

  ask(orgId: string, request: LeaseRequest): Promise<LeaseAnswer> {
    return this.desk.ask(orgId, request);
  }

  /** Until a call of this worker has given something back, or so long. */
  wait(orgId: string, ms: number, signal: AbortSignal): Promise<void> {
    const here = this.waiting.get(orgId) ?? new Set();
    this.waiting.set(orgId, here);
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        here.delete(end);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      here.add(end);
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
    });
  }

  freed(orgId: string): void {
    for (const wake of this.waiting.get(orgId) ?? []) wake();
  }
}
