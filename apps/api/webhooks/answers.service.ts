import { Injectable } from '@nestjs/common';
import type { Json } from '../../../contracts/json.js';
import { isTerminal } from '../../../contracts/runs.js';
import { RESPOND_VARIABLES, type WebhookSync } from '../../../contracts/webhook-sources.js';
import { Database } from '../../../database/database.js';
import { startedBy } from '../../../database/inbound-events.repository.js';
import { loadRun } from '../../../database/runs.repository.js';
import type { OpenedSource } from '../../../database/webhook-sources.repository.js';
import { bareProgram, JqError, run } from '../../../workflows/language/jq/index.js';
import { Programs } from '../../../workflows/language/jq/programs.js';
import { RunWaits } from '../runs/run-waits.js';

const LIMITS = { steps: 100_000, bytes: 262_144 };

/** What the provider of a source with `sync` is answered. */
@Injectable()
export class AnswersService {
  constructor(
    private readonly database: Database,
    private readonly waits: RunWaits,
  ) {}

  /**
   * What `respond` makes of the run that the event has started, as JSON. A copy of the event waits for the same run, so
   * that it has the same answer. Undefined when there is none in time: no run, one that is not over, or no value.
   */
  async answer(
    { orgId, routes }: OpenedSource,
    { waitMs, respond }: WebhookSync,
    event: { id: string; isDuplicate: boolean },
  ): Promise<string | undefined> {
    const giveUpAt = Date.now() + waitMs;
    const routed = await this.waits.end(
      event.id,
      () => this.database.inOrg(orgId, (tx) => startedBy(tx, event.id, routes)),
      { withinMs: waitMs, isNew: !event.isDuplicate },
    );
    if (routed?.runId === undefined) return undefined;
    const { runId } = routed;
    const ended = await this.waits.end(
      runId,
      () =>
        this.database.inOrg(orgId, async (tx) => {
          const { status, output } = await loadRun(tx, runId);
          return isTerminal(status) ? { status, output } : undefined;
        }),
      { withinMs: giveUpAt - Date.now(), isNew: false },
    );
    return ended && valueOf(respond, ended.output, { status: ended.status, run: runId });
  }
}

const programs = new Programs();

function valueOf(
  program: string,
  output: Json,
  variables: Record<(typeof RESPOND_VARIABLES)[number], Json>,
): string | undefined {
  try {
    const compiled = programs.compiled(bareProgram(program), RESPOND_VARIABLES);
    const [value] = run(compiled, output, variables, { ...LIMITS, now: Date.now() });
    return value === undefined ? undefined : JSON.stringify(value);
  } catch (error) {
    if (error instanceof JqError) return undefined;
    throw error;
  }
}
