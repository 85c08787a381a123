import type { BulkActivities } from '../contracts/run-workflow.js';
import { namingFailures } from './naming-failures.js';

/** The small steps of bulk runs, all of them in Postgres; items that are runs have theirs beside. */
export const createBulkActivities = <Activities extends BulkActivities>(record: Activities): Activities =>
  namingFailures(record);
