import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { PATTERNS } from '../../../contracts/patterns.js';
import { RUN_STATUSES } from '../../../contracts/runs.js';
import { startBodySchema } from '../../../contracts/start-run.js';
import { knownId } from '../common/ids.js';
import { readIdempotencyKey } from '../common/idempotency.js';
import { parse } from '../common/schema.pipe.js';
import { RunsService } from '../runs/runs.service.js';
import { SteeringService } from '../runs/steering.service.js';
import { type McpTool, tool } from './mcp-tool.js';
import { RunFollower } from './run-follower.js';

const WAIT_S = 20;
const LONGEST_WAIT_S = 60;
const waitSeconds = z
  .number()
  .min(0)
  .max(LONGEST_WAIT_S)
  .describe('How long the answer waits for the end of the run, or for a question to a person.');
const id = z.string().describe('The id of a run.');

/** Work that is done durably: it goes on whatever becomes of the client. */
@Injectable()
export class RunTools {
  constructor(
    private readonly runs: RunsService,
    private readonly steering: SteeringService,
    private readonly follower: RunFollower,
  ) {}

  readonly all: McpTool[] = [
    tool({
      name: 'start_run',
      title: 'Start a run',
      description:
        'Starts a workflow (list_workflows), a coordination pattern with its parameters, or a definition in place, and waits a while for it. The run goes on when the wait is over: ask get_run. A repeat with the same idempotencyKey finds the same run.',
      permission: 'run:start',
      readOnly: false,
      input: z.strictObject({
        workflow: z.string().optional().describe('namespace/name, or namespace/name:version.'),
        pattern: z.enum(PATTERNS).optional(),
        with: z.record(z.string(), z.unknown()).optional().describe('Parameters of the pattern.'),
        definition: z.record(z.string(), z.unknown()).optional().describe('Of the Open Workflow Specification 1.0.'),
        input: z.unknown().optional().describe('What the work is done on: any JSON.'),
        labels: z.record(z.string(), z.string()).optional(),
        idempotencyKey: z.string().optional().describe('1 to 255 visible ASCII characters.'),
        waitSeconds: waitSeconds.default(WAIT_S),
      }),
      call: async ({ idempotencyKey, waitSeconds: seconds, ...start }, call) => {
        const caller = { ...call.caller, idempotencyKey: readIdempotencyKey(idempotencyKey) };
        const accepted = await this.runs.start(caller, parse(startBodySchema, start, 'body'));
        return this.follower.follow(accepted.id, seconds * 1_000, call);
      },
    }),
    tool({
      name: 'get_run',
      title: 'Look at a run',
      description: 'The run with its status, output and contributions; waits for its end when waitSeconds is given.',
      permission: 'run:read',
      readOnly: true,
      input: z.strictObject({ id, waitSeconds: waitSeconds.default(0) }),
      call: (asked, call) => {
        knownId(asked.id, 'run.not_found');
        return this.follower.follow(asked.id, asked.waitSeconds * 1_000, call);
      },
    }),
    tool({
      name: 'list_runs',
      title: 'List runs',
      description: 'The newest runs first.',
      permission: 'run:read',
      readOnly: true,
      input: z.strictObject({
        status: z.enum(RUN_STATUSES).optional(),
        limit: z.int().min(1).max(200).default(20),
        cursor: z.string().optional().describe('nextCursor of the page before.'),
      }),
      call: (query, { caller }) => this.runs.list(caller, query),
    }),
    tool({
      name: 'cancel_run',
      title: 'Cancel a run',
      description: 'The run ends canceled; compensations are run. Calls under way are given up.',
      permission: 'run:steer',
      readOnly: false,
      input: z.strictObject({ id }),
      call: (asked, { caller }) => this.steering.steer(caller, asked.id, { kind: 'cancel' }),
    }),
  ];
}
