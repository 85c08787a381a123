import type { z } from 'zod';
import type { RequestKind } from '../contracts/agent-protocol.js';
import type { CapabilityOptions, TaskContext } from './agent-options.js';

/**
 * Why the capability does not take what it is asked for, by its own `canHandle`; undefined when it does. A call for bids
 * names its task, or the tasks of an exchange: it takes all of them or bids for none.
 */
export async function whyNot(
  { input, canHandle }: CapabilityOptions,
  kind: RequestKind,
  asked: unknown,
  context: TaskContext,
): Promise<string | undefined> {
  if (!canHandle || (kind !== 'task' && kind !== 'bid')) return undefined;
  for (const task of kind === 'task' ? [asked] : tasksForSale(asked, input)) {
    if (task === BROKEN) return 'the task breaks the schema of the capability';
    const can = await canHandle(task, context);
    if (can !== true) return can === false ? 'the agent does not take this task' : can.slice(0, 500);
  }
  return undefined;
}

const BROKEN = Symbol('breaks the schema');

function tasksForSale(call: unknown, schema: z.ZodType | undefined): unknown[] {
  const { task, tasks } = (call ?? {}) as { task?: unknown; tasks?: { task: unknown }[] };
  const offered = Array.isArray(tasks) ? tasks.map((one) => one.task) : [task];
  if (!schema) return offered;
  return offered.map((one) => {
    const parsed = schema.safeParse(one);
    return parsed.success ? parsed.data : BROKEN;
  });
}
