import { setImmediate } from 'node:timers/promises';
import type { LeaseAnswer, LeaseRequest } from '../contracts/needs.js';
import type { Leases } from './dependencies.js';

interface Asking {
  request: LeaseRequest;
  resolve: (answer: LeaseAnswer) => void;
  reject: (error: unknown) => void;
}

/** Where calls ask for resources: those that ask together share a transaction, and hear when one has given some back. */
export class LeaseDesk {
  private readonly queues = new Map<string, Asking[]>();
  private readonly waiting = new Map<string, Set<() => void>>();

  constructor(private readonly leases: Leases) {}

  ask(orgId: string, request: LeaseRequest): Promise<LeaseAnswer> {
    return new Promise((resolve, reject) => {
      const asking = { request, resolve, reject };
      const queue = this.queues.get(orgId);
      if (queue) return void queue.push(asking);
      this.queues.set(orgId, [asking]);
      void this.serve(orgId);
    });
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

  private async serve(orgId: string): Promise<void> {
    await setImmediate();
    for (let batch = this.queues.get(orgId) ?? []; batch.length > 0; batch = this.queues.get(orgId) ?? []) {
      this.queues.set(orgId, []);
      try {
        const answers = await this.leases.ask(
          orgId,
          batch.map(({ request }) => request),
        );
        batch.forEach(({ resolve }, place) => resolve(answers[place] as LeaseAnswer));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.queues.delete(orgId);
  }
}
