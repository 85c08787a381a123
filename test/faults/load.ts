import { setTimeout as sleep } from 'node:timers/promises';
import type { AcceptedRun, Run } from '../../contracts/runs.js';
import { type Work, workOf } from './work.js';

export interface Accepted {
  id: string;
  work: Work;
}

const CLIENTS = 6;
const PAUSE_MS = 350;
const ANSWER_WITHIN_MS = 5_000;
const PROBE_EVERY_MS = 100;
const RETRY_MS = 100;

/** Clients that start work on two APIs, going to the other one when one does not answer, as behind a load balancer. */
export class Load {
  readonly accepted: Accepted[] = [];
  /** Answers that no fault excuses: 4xx, or a run that changed its id. */
  readonly wrong: string[] = [];
  readonly probes = { asked: 0, answered: 0 };
  private turn = 0;
  private isOn = true;

  constructor(
    private readonly urls: readonly string[],
    private readonly key: string,
  ) {}

  /** Until `stop`, then until everything that was begun is accepted. */
  async drive(): Promise<void> {
    await Promise.all([...Array.from({ length: CLIENTS }, () => this.client()), this.probe()]);
  }

  stop(): void {
    this.isOn = false;
  }

  /** Asks one API after the other until one answers below 500. */
  async ask<T>(method: string, route: string, body?: unknown, idempotencyKey?: string): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.askOnce(attempt, method, route, body, idempotencyKey);
      if (answer !== undefined && answer.status < 500 && answer.status !== 429) {
        if (answer.status >= 400)
          throw new Error(`${method} ${route}: ${answer.status} ${JSON.stringify(answer.body)}`);
        return answer.body as T;
      }
      await sleep(RETRY_MS);
    }
  }

  private async client(): Promise<void> {
    while (this.isOn) {
      const turn = this.turn++;
      const work = workOf(turn);
      try {
        const { id } = await this.ask<AcceptedRun>('POST', work.route, work.body, `faults-${turn}`);
        this.accepted.push({ id, work });
        if (work.event) await this.publishWhenHeard(id, work.event);
      } catch (error) {
        this.wrong.push(`${work.kind}: ${error instanceof Error ? error.message : String(error)}`);
      }
      await sleep(PAUSE_MS);
    }
  }

  private async publishWhenHeard(id: string, event: object): Promise<void> {
    for (;;) {
      const { status, finishedAt } = await this.ask<Run>('GET', `/v1/runs/${id}`);
      if (finishedAt !== null) return; // It failed on its way there, which the books will tell.
      if (status === 'waiting') break;
      await sleep(RETRY_MS);
    }
    await this.ask('POST', '/v1/events', event);
  }

  /** Whether one of the two serves, ten times a second. */
  private async probe(): Promise<void> {
    for (let turn = 0; this.isOn; turn += 1) {
      this.probes.asked += 1;
      for (const attempt of [turn, turn + 1]) {
        const answer = await this.askOnce(attempt, 'GET', '/v1/runs?limit=1');
        if (answer === undefined || answer.status >= 500) continue;
        this.probes.answered += 1;
        break;
      }
      await sleep(PROBE_EVERY_MS);
    }
  }

  private async askOnce(
    attempt: number,
    method: string,
    route: string,
    body?: unknown,
    idempotencyKey?: string,
  ): Promise<{ status: number; body: unknown } | undefined> {
    const headers = {
      authorization: `Bearer ${this.key}`,
      'content-type': 'application/json',
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    };
    try {
      const answer = await fetch(`${this.urls[attempt % this.urls.length]}${route}`, {
        method,
        headers,
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: await answer.json() };
    } catch {
      return undefined;
    }
  }
}
