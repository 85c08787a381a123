import type { BulkActivities } from '../contracts/run-workflow.js';
import { namingFailures } from './naming-failures.js';

/** The small steps of bulk runs, all of them in Postgres. */
export const createBulkActivities = (record: BulkActivities): BulkActivities => namingFailures<BulkActivities>(record);
