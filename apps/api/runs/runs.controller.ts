import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { pageSchema } from '../../../contracts/lists.js';
import { acceptedRunSchema, runSchema, runSummarySchema } from '../../../contracts/runs.js';
import { type Rerun, rerunSchema } from '../../../contracts/rerun.js';
import { type StartBody, startBodySchema } from '../../../contracts/start-run.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { Reply } from '../common/reply.js';
import { type Caller, From } from '../common/request.js';
import { type ListRuns, listRunsSchema, type StartQuery, startQuerySchema } from './run-queries.js';
import { RUN_EXAMPLES } from './run-examples.js';
import { RunsService } from './runs.service.js';

@Controller('v1/runs')
export class RunsController {
  constructor(private readonly runs: RunsService) {}

  @Post()
  @Permission('run:start')
  @Describe({
    summary: 'Start a run',
    description:
      'Accepted once it is on record; it then ends whatever dies. `?wait=20s` answers 200 with the finished run.',
    answers: { 202: acceptedRunSchema, 200: runSchema },
    errors: ['expression.invalid', 'workflow.invalid', 'workflow.not_found', 'quota.exceeded'],
    examples: RUN_EXAMPLES,
    idempotent: true,
  })
  async start(
    @From() caller: Caller,
    @Body({ schema: startBodySchema }) start: StartBody,
    @Query({ schema: startQuerySchema }) { wait }: StartQuery,
  ) {
    if (wait === undefined) return new Reply(202, await this.runs.start(caller, start));
    const run = await this.runs.startAndWait(caller, start, wait);
    return new Reply(run.status === 'accepted' ? 202 : 200, run);
  }

  @Get()
  @Permission('run:read')
  @Describe({ summary: 'List runs, the newest first', answers: { 200: pageSchema(runSummarySchema) } })
  list(@From() caller: Caller, @Query({ schema: listRunsSchema }) query: ListRuns) {
    return this.runs.list(caller, query);
  }

  @Get(':id')
  @Permission('run:read')
  @Describe({ summary: 'One run with its result', answers: { 200: runSchema }, errors: ['run.not_found'] })
  get(@From() caller: Caller, @Param('id') id: string) {
    return this.runs.get(caller, id);
  }

  @Post(':id/rerun')
  @HttpCode(202)
  @Permission('run:steer')
  @Describe({
    summary: 'Run again',
    description:
      'A new run with this one as parent; with `fromStep` the results of earlier steps are kept, with `calls: failed` ' +
      'those of the calls that completed and do not rest on one that failed. Of a bulk run with `items: failed` those ' +
      'items that did not complete.',
    answers: { 202: acceptedRunSchema },
    errors: ['run.not_found', 'run.is_bulk', 'run.not_finished', 'run.step_not_found', 'quota.exceeded'],
    examples: {
      fromStep: { fromStep: 'triage', reason: 'the triage agent was wrong' },
      calls: { calls: 'failed', reason: 'the agents are back' },
      items: { items: 'failed', reason: 'the agent is back' },
    },
    idempotent: true,
  })
  rerun(@From() caller: Caller, @Param('id') id: string, @Body({ schema: rerunSchema }) rerun: Rerun) {
    return this.runs.rerun(caller, id, rerun);
  }
}
