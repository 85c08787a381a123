import { Controller, Get, Query } from '@nestjs/common';
import { failedCallSchema, type ListFailedCalls, listFailedCallsSchema } from '../../../contracts/failed-calls.js';
import { pageSchema } from '../../../contracts/lists.js';
import { Database } from '../../../database/database.js';
import { listFailedCalls } from '../../../database/failed-calls.repository.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';

@Controller('v1/failed-calls')
export class FailedCallsController {
  constructor(private readonly database: Database) {}

  @Get()
  @Permission('run:read')
  @Describe({
    summary: 'List calls that failed for good, over all runs, the newest first',
    description:
      'The dead letters: after their retries, with all candidates. `replay` is the request that makes them again, as part ' +
      'of a new run, once the run has ended; of a bulk run it runs the items again that did not complete.',
    answers: { 200: pageSchema(failedCallSchema) },
  })
  list(@From() { orgId }: Caller, @Query({ schema: listFailedCallsSchema }) query: ListFailedCalls) {
    return this.database.inOrg(orgId, (tx) => listFailedCalls(tx, query));
  }
}
