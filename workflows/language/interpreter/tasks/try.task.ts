import { patched } from '@temporalio/workflow';
import type { Catch, TryTask } from '../../../../contracts/definition-tasks.js';
import type { Json } from '../../../../contracts/json.js';
import type { Value } from '../../../../contracts/values.js';
import { inline } from '../../../lib/values.js';
import { isCaught } from '../catch-filter.js';
import { isTrue } from '../expressions.js';
import { Fault, Halt } from '../fault.js';
import { bodyVariables, type Interpretation } from '../interpretation.js';
import type { Place, TaskEnd, TaskPlace } from '../place.js';
import { below } from '../../json-pointer.js';
import { policyOf, retryTerms } from '../read-policy.js';
import { delayBefore, mayRetry } from '../retry-policy.js';
import { withinTime } from '../within-time.js';

/**
 * Tasks whose errors are caught: done again while the policy allows, then `catch.do`. Retries that are used up without a
 * `do` raise the error again; without policy and `do` it is swallowed and the output is the input.
 */
export async function performTry(run: Interpretation, place: TaskPlace, task: TryTask, input: Value): Promise<TaskEnd> {
  const pointer = below(place.pointer, 'try');
  const attempt: Attempt = ({ ctx }) => run.perform.list(run, { ...place, ctx, pointer }, task.try, input);
  const first = await caught(run, place, task.catch, input, () => attempt(place));
  if (!('fault' in first)) return first;
  const last = task.catch.retry === undefined ? first : await retry(run, place, task, input, { first, attempt });
  if (!('fault' in last)) return last;
  if (task.catch.retry !== undefined && !task.catch.do) throw last.fault;
  return handle(run, place, task.catch, input, last.fault);
}

type Attempt = (at: Place) => Promise<TaskEnd>;

interface Caught {
  fault: Fault;
}

/** How the attempt ended, or the error that this `catch` is for; others go on. */
async function caught(
  run: Interpretation,
  place: TaskPlace,
  rule: Catch,
  input: Value,
  attempt: () => Promise<TaskEnd>,
): Promise<TaskEnd | Caught> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof Fault) || !isCaught(rule.errors?.with, error.error)) throw error;
    const known = withError(run, place, rule, error);
    if ((await isTrue(place, rule.when, input, known)) === false) throw error;
    if (await isTrue(place, rule.exceptWhen, input, known)) throw error;
    return { fault: error };
  }
}

async function retry(
  run: Interpretation,
  place: TaskPlace,
  { catch: rule }: TryTask,
  input: Value,
  { first, attempt }: { first: Caught; attempt: Attempt },
): Promise<TaskEnd | Caught> {
  const policy = policyOf(run, place, rule.retry);
  const terms = await retryTerms(place, policy, input, bodyVariables(run, place));
  const failedAt = Date.now();
  const isTold = patched('2026-11-lifecycle');
  let last = first;
  for (let count = 1; ; count += 1) {
    const known = withError(run, place, rule, last.fault);
    if ((await isTrue(place, policy.when, input, known)) === false) return last;
    if (await isTrue(place, policy.exceptWhen, input, known)) return last;
    const delayMs = delayBefore(terms, count, Math.random());
    if (!mayRetry(terms, count, Date.now() - failedAt + delayMs)) return last;
    if (isTold) tellRetry(place, count, last.fault);
    if (delayMs > 0) await pause(place, delayMs);
    const { attemptMs } = terms;
    const again = () => (attemptMs === undefined ? attempt(place) : withinTime(place, attemptMs, attempt));
    const end = await caught(run, place, rule, input, again);
    if (!('fault' in end)) return end;
    last = end;
  }
}

function tellRetry({ ctx, path, pointer, name }: TaskPlace, retry: number, { error }: Fault): void {
  ctx.emit(`step${path}/retried/${retry}`, 'step.retried', { path: pointer, name, retry, error: error.type });
}

async function pause({ ctx }: TaskPlace, ms: number): Promise<void> {
  await ctx.flush();
  await ctx.wait(ms);
  if (ctx.stopped !== undefined) throw new Halt();
}

async function handle(
  run: Interpretation,
  place: TaskPlace,
  rule: Catch,
  input: Value,
  { error }: Fault,
): Promise<TaskEnd> {
  const then = rule.then === undefined ? {} : { then: rule.then };
  if (!rule.do) return { output: input, ...then };
  const variables = { ...place.variables, [rule.as ?? 'error']: inline(error as unknown as Json) };
  const end = await run.perform.list(
    run,
    { ...place, variables, pointer: below(place.pointer, 'catch', 'do') },
    rule.do,
    input,
  );
  return { ...then, ...end };
}

const withError = (run: Interpretation, place: TaskPlace, rule: Catch, { error }: Fault) => ({
  ...bodyVariables(run, place),
  [rule.as ?? 'error']: inline(error as unknown as Json),
});
