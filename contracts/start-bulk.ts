import { z } from 'zod';
import { type Budget, capBudget } from './budget.js';
import { inputsSchema, maxConcurrencySchema, type StartBulk, startBulkSchema } from './bulk.js';
import type { BulkInput } from './run-workflow.js';
import { startDefinitionSchema, startPublishedSchema, type StartWorkflow } from './start-run.js';

/** A run of a definition is a workflow of its own in the engine: what it holds of a worker is more than an item's calls. */
const DEFAULT_RUNS_AT_ONCE = 200;

const bulkExtras = {
  inputs: inputsSchema,
  maxConcurrency: maxConcurrencySchema.default(DEFAULT_RUNS_AT_ONCE).describe('Items under way at once.'),
};
/** A budget over all items is one of calls that items make by themselves; a definition says its own. */
const ofEach = { input: true, budget: true } as const;

/** `POST /v1/runs/bulk` with a definition in place: done for each of the inputs, as a run of its own. */
export const startBulkDefinitionSchema = startDefinitionSchema
  .omit(ofEach)
  .extend(bulkExtras)
  .meta({ id: 'StartBulkDefinition' });

/** `POST /v1/runs/bulk` with a definition that was published. */
export const startBulkPublishedSchema = startPublishedSchema
  .omit(ofEach)
  .extend(bulkExtras)
  .meta({ id: 'StartBulkPublished' });

/** The body of `POST /v1/runs/bulk`: a pattern, a definition, or the name of one. */
export const startBulkBodySchema = z.union([startBulkSchema, startBulkDefinitionSchema, startBulkPublishedSchema]);
export type StartBulkBody = z.infer<typeof startBulkBodySchema>;

/** A bulk run whose items follow a definition, as it is accepted. */
export type StartBulkWorkflow = Omit<StartWorkflow, 'input' | 'budget'> & Pick<StartBulk, 'inputs' | 'maxConcurrency'>;
export type AcceptableBulk = StartBulk | StartBulkWorkflow;

/** What the workflow of a bulk run is told of its items. */
export function itemParameters(
  start: Pick<AcceptableBulk, 'pattern' | 'with'> & { budget?: Budget },
): BulkInput['with'] {
  // Items that follow a definition read it where it is on record.
  return start.pattern === 'workflow' ? {} : withinEach(start as Pick<StartBulk, 'with' | 'budget'>);
}

/** What goes by patterns inside each other is no amount that items could share. */
function withinEach({ with: params, budget }: Pick<StartBulk, 'with' | 'budget'>): StartBulk['with'] {
  const { rounds, depth, onExceeded, approval } = budget ?? {};
  if (onExceeded === undefined || (rounds === undefined && depth === undefined)) return params;
  const shared: Budget = {
    onExceeded,
    ...(rounds === undefined ? {} : { rounds }),
    ...(depth === undefined ? {} : { depth }),
    ...(approval && { approval }),
  };
  return { ...params, budget: capBudget(shared, params.budget) } as StartBulk['with'];
}
