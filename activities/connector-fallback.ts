import type { Connection } from '../contracts/connections.js';
import { BrikkError } from '../contracts/errors.js';
import { readReference } from '../contracts/workflow-reference.js';
import type { CallError } from '../contracts/runs.js';
import type { Json } from '../contracts/json.js';
import type { RunRef } from '../contracts/values.js';
import type { Connections } from './dependencies.js';
import type { Outcome } from './outside-call.js';

/** What a call came to by one connection. `isAway`: its system does not answer, and this is how the call is left to another. */
export type ThroughEnd =
  { isAway: false; output: Json } | { isAway: true; failure: BrikkError; leaveIt: () => Promise<void> };

/** The call is left to a workflow, which the run starts. */
export class LeftToWorkflow extends BrikkError {
  constructor(
    failure: BrikkError,
    readonly workflow: NonNullable<CallError['fallback']>['workflow'],
  ) {
    super(failure.code, failure.message);
  }
}

const MOST_FALLBACKS = 5;

/**
 * The call by the connection, or by what stands in for it, one after the other; each is left for good. Fails with what
 * the first said when nobody is left.
 */
export async function withFallback(
  connections: Pick<Connections, 'find'>,
  { orgId }: Pick<RunRef, 'orgId'>,
  first: Connection,
  callThrough: (connection: Connection) => Promise<ThroughEnd>,
): Promise<Outcome> {
  let connection = first;
  let told: BrikkError | undefined;
  for (const tried = new Set([first.id]); ; tried.add(connection.id)) {
    const end = await callThrough(connection);
    if (!end.isAway) return { output: end.output, ...(connection !== first && { degraded: true }) };
    told ??= end.failure;
    const { fallback, provider } = connection;
    if (fallback === null) throw told;
    if ('workflow' in fallback) {
      await end.leaveIt();
      throw new LeftToWorkflow(told, readReference(fallback.workflow));
    }
    const next = await connections.find(orgId, { provider, name: fallback.connection }).catch((error: unknown) => {
      if (error instanceof BrikkError) return undefined;
      throw error;
    });
    if (!next || tried.has(next.id) || tried.size >= MOST_FALLBACKS) throw told;
    await end.leaveIt();
    connection = next;
  }
}
