import type { Gate, Judge } from '../../contracts/care.js';
import type { Value } from '../../contracts/values.js';
import { UNTOLD } from './pass-context.js';
import type { PatternContext } from './pattern-context.js';
import { holds } from './truth.js';
import { inline, plain } from './values.js';

/** A gate that an output does not pass, and why. A judge that gives no verdict is no reason to do the task again. */
export interface Failing {
  gate: Gate;
  position: number;
  reasons: string[];
  isUnjudged?: true;
}

const MAX_REASONS = 10;

/** The first of the gates that the output does not pass; `round` tells judgements of one place apart. */
export async function failingGate(
  ctx: PatternContext,
  gates: Gate[],
  { input, output, round }: { input: Value; output: Value; round: number },
): Promise<Failing | undefined> {
  for (const [position, gate] of gates.entries()) {
    if ('schema' in gate) {
      const errors = await ctx.validate(output, gate.schema);
      if (errors.length > 0) return { gate, position, reasons: reasonsOf(gate, errors) };
    } else if ('rule' in gate) {
      if (!holds(await ctx.evaluate(gate.rule, output, { input })))
        return { gate, position, reasons: reasonsOf(gate, [`the rule ${gate.rule} does not hold`]) };
    } else {
      const place = ctx.at('gates', position, ...(round === 0 ? [] : [round]));
      const failing = await judged(place, gate.judge, { input, output });
      if (failing) return { gate, position, ...failing, reasons: reasonsOf(gate, failing.reasons) };
    }
    if (ctx.stopped !== undefined) return undefined;
  }
  return undefined;
}

export const gateName = ({ gate, position }: Failing): string => gate.name ?? `gate ${position + 1}`;

const reasonsOf = ({ message }: Gate, reasons: string[]): string[] =>
  [...(message === undefined ? [] : [message]), ...reasons].slice(0, MAX_REASONS);

async function judged(
  ctx: PatternContext,
  { threshold, criteria, ...target }: Judge,
  { input, output }: { input: Value; output: Value },
): Promise<Pick<Failing, 'reasons' | 'isUnjudged'> | undefined> {
  const question: Value = {
    object: { input, output, ...(criteria === undefined ? {} : { criteria: inline(criteria) }) },
  };
  const call = {
    key: '',
    task: { ...target, kind: 'decide' as const, context: UNTOLD },
    input: question,
    role: 'judge',
  };
  const { status, output: answer, error } = await ctx.callAgent(call);
  if (status === 'canceled') return undefined;
  if (status === 'failed') return { reasons: [`nobody judged it: ${error?.message ?? 'no reason'}`], isUnjudged: true };
  const verdict = readVerdict(answer ?? inline(null));
  if (!verdict) return { reasons: ['the judge gave no score from 0 to 1'], isUnjudged: true };
  if (verdict.score >= threshold) return undefined;
  return { reasons: [`the judge gave ${verdict.score}, below ${threshold}`, ...verdict.reasons] };
}

/** What the judge said, which comes from outside; undefined when it is no verdict. */
export function readVerdict(answer: Value): { score: number; reasons: string[] } | undefined {
  const json = plain(answer);
  const said = typeof json === 'number' ? { score: json } : json;
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return undefined;
  const { reasons, approve } = said;
  const score = typeof approve === 'boolean' && said.score === undefined ? Number(approve) : said.score;
  if (typeof score !== 'number' || !(score >= 0 && score <= 1)) return undefined;
  const texts = Array.isArray(reasons) ? reasons : typeof reasons === 'string' ? [reasons] : [];
  return { score, reasons: texts.filter((reason) => typeof reason === 'string').slice(0, MAX_REASONS) };
}
