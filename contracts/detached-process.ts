import type { ProcessCall } from './language-activities.js';

/** Of processes that a run has started and does not wait for; ids are `org_<org id>/<run id>/process/<random>`. */
export interface DetachedCatalog {
  /** Ends with the process, whatever becomes of the run. */
  detachedProcess(call: ProcessCall): Promise<void>;
}
