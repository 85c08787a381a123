import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { isTerminal, type Run } from '../../../contracts/runs.js';
import type { Caller } from '../common/request.js';
import { ApprovalsService } from '../approvals/approvals.service.js';
import { pace } from '../runs/pace.js';
import { RunEventsService } from '../runs/run-events.service.js';
import { RunWaits } from '../runs/run-waits.js';
import { RunsService } from '../runs/runs.service.js';
import type { ToolCall } from './mcp-tool.js';

const EVENTS_A_LOOK = 200;

/** Waiting for a run as a tool does: until it ends, asks a person, or the time is over. */
@Injectable()
export class RunFollower {
  constructor(
    private readonly runs: RunsService,
    private readonly events: RunEventsService,
    private readonly approvals: ApprovalsService,
    private readonly waits: RunWaits,
  ) {}

  /** The run as it is then. Each event on the way is told as progress. Fails `run.not_found`. */
  async follow(id: string, withinMs: number, { caller, signal, tell }: ToolCall): Promise<Run> {
    const giveUpAt = Date.now() + withinMs;
    const gone = AbortSignal.any([signal, this.waits.stopping]);
    const news = this.waits.news(id);
    const pause = pace();
    let position = 0;
    try {
      for (;;) {
        const next = news.next();
        const run = await this.runs.get(caller, id);
        if (tell) position = await this.tellNew(caller, id, position, tell);
        const leftMs = giveUpAt - Date.now();
        if (isTerminal(run.status) || leftMs <= 0 || gone.aborted || (await this.isAsking(caller, run))) return run;
        await next(leftMs, gone);
        await delay(Math.min(pause(Date.now()), leftMs), undefined, { signal: gone }).catch(() => undefined);
      }
    } finally {
      news.close();
    }
  }

  private async tellNew(caller: Caller, id: string, after: number, tell: NonNullable<ToolCall['tell']>) {
    const { items } = await this.events.list(caller, id, { after, limit: EVENTS_A_LOOK });
    for (const { position, type } of items) await tell(position, type);
    return items.at(-1)?.position ?? after;
  }

  private async isAsking(caller: Caller, { id, status }: Run): Promise<boolean> {
    if (status !== 'waiting') return false;
    const { items } = await this.approvals.list(caller, { run: id, status: 'pending', limit: 1 });
    return items.length > 0;
  }
}
