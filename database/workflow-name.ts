import type { AcceptableBulk } from '../contracts/start-bulk.js';
import type { AcceptableRun } from '../contracts/start-run.js';

/** namespace/name:version of the definition that a run follows. */
export function workflowName(start: AcceptableRun | AcceptableBulk): string | undefined {
  if (start.pattern !== 'workflow') return undefined;
  const { namespace, name, version } = start.with.definition.document;
  return `${namespace}/${name}:${version}`;
}
