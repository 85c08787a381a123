import type { ApprovalTerms } from '../../contracts/approvals.js';
import type { Care, Fallback } from '../../contracts/care.js';
import type { Json } from '../../contracts/json.js';
import type { Value } from '../../contracts/values.js';
import { type Failing, failingGate, gateName } from './pass-gates.js';
import type { PatternContext } from './pattern-context.js';
import { inline } from './values.js';

/** A fallback that is an agent call. */
export type Target = Exclude<Fallback, { value: Json } | { approval: ApprovalTerms }>;

/** Why an output was sent back, as the next try is told. */
export interface SentBack {
  output: Value;
  reasons: string[];
}

/** A task as care sees it, a call or a pattern alike. */
export interface CaredTask<Outcome> {
  input: Value;
  /** `key` is relative to the place: empty for the first try. */
  perform(key: string, sentBack: SentBack | undefined): Promise<Outcome>;
  /** Another target does the task; `key` as above. */
  substitute(target: Target, key: string, sentBack: SentBack | undefined): Promise<Outcome>;
  /** A value stands in for what it gave, or did not give. */
  replace(value: Value, failed: Outcome): Outcome;
  /** Undefined when there is nothing to check. */
  outputOf(outcome: Outcome): Value | undefined;
  /** Why it failed; undefined when it did not, or was given up. */
  failureOf(outcome: Outcome): string | undefined;
  /** It has an output that does not pass. */
  reject(outcome: Outcome, why: string): Outcome;
  /** Somebody or something else did it. */
  degrade(outcome: Outcome): Outcome;
}

/**
 * Performs a task whose output has to pass gates, and behind which others stand. What does not pass goes back with the
 * reasons as often as its gate allows, and has then failed; what has failed is done by the fallbacks in order, whose
 * outputs have to pass as well, except values.
 */
export async function takeCare<Outcome>(
  ctx: PatternContext,
  { gates = [], fallback = [] }: Care,
  task: CaredTask<Outcome>,
): Promise<Outcome> {
  const tried = new Gatekeeper(ctx, gates, task);
  let outcome: Outcome = await tried.through('', (key, sentBack) => task.perform(key, sentBack));
  for (const [position, option] of fallback.entries()) {
    const failure = task.failureOf(outcome);
    if (failure === undefined) return outcome;
    ctx.decide({
      what: 'fallback',
      rule: `the task failed: ${failure}`.slice(0, 1_000),
      candidates: fallback.map(nameOf),
      chosen: nameOf(option),
    });
    ctx.degrade();
    if ('value' in option) return task.degrade(task.replace(inline(option.value), outcome));
    const key = `fallback/${position}`;
    if ('approval' in option) {
      const subject: Value = { object: { input: task.input, failure: inline(failure) } };
      const ruling = await ctx.at(key).askPerson(option.approval, { kind: 'failure', subject, failure });
      if (ruling.kind === 'answered') return task.degrade(task.replace(ruling.data, outcome));
      if (ruling.kind === 'stopped') return outcome;
      if (ruling.kind === 'approved') outcome = await tried.through(key, (at, sentBack) => task.perform(at, sentBack));
      continue;
    }
    const done = await tried.through(key, (at, sentBack) => task.substitute(option, at, sentBack));
    outcome = task.degrade(done);
  }
  return outcome;
}

function nameOf(option: Fallback): Json {
  if ('value' in option) return 'value';
  if ('approval' in option) return 'a person';
  const { agent, capability } = option;
  return { ...(agent !== undefined && { agent }), ...(capability !== undefined && { capability }) };
}

class Gatekeeper<Outcome> {
  private round = 0;

  constructor(
    private readonly ctx: PatternContext,
    private readonly gates: NonNullable<Care['gates']>,
    private readonly task: CaredTask<Outcome>,
  ) {}

  async through(
    key: string,
    perform: (key: string, sentBack: SentBack | undefined) => Promise<Outcome>,
  ): Promise<Outcome> {
    const { ctx, gates, task } = this;
    const sent = new Map<number, number>();
    let outcome = await perform(key, undefined);
    for (let again = 1; ; again += 1) {
      const output = task.outputOf(outcome);
      if (output === undefined || gates.length === 0 || ctx.stopped !== undefined) return outcome;
      const failing = await failingGate(ctx, gates, { input: task.input, output, round: this.round++ });
      if (!failing) return outcome;
      const times = sent.get(failing.position) ?? 0;
      const goesBack = failing.gate.onFail === 'retry' && !failing.isUnjudged && times < failing.gate.maxRetries;
      this.report(failing, goesBack);
      if (failing.gate.approval) return this.askPerson(failing, failing.gate.approval, outcome, output);
      if (!goesBack) return task.reject(outcome, `${gateName(failing)}: ${failing.reasons.join('; ')}`.slice(0, 2_000));
      sent.set(failing.position, times + 1);
      outcome = await perform([key, 'again', again].filter((part) => part !== '').join('/'), {
        output,
        reasons: failing.reasons,
      });
    }
  }

  /** The person has the last word: what is approved or answered passes. */
  private async askPerson(
    { position, reasons, ...failing }: Failing,
    terms: ApprovalTerms,
    outcome: Outcome,
    output: Value,
  ): Promise<Outcome> {
    const { ctx, task, round } = this;
    const subject: Value = { object: { output, reasons: inline(reasons) } };
    const ruling = await ctx.at('gates', position).askPerson(terms, { kind: 'after', subject, number: round });
    if (ruling.kind === 'answered') return task.replace(ruling.data, outcome);
    if (ruling.kind !== 'rejected') return outcome;
    return task.reject(outcome, `${gateName({ position, reasons, ...failing })}: ${ruling.why}`.slice(0, 2_000));
  }

  private report(failing: Failing, goesBack: boolean): void {
    const { onFail } = failing.gate;
    this.ctx.decide({
      what: 'gate',
      rule: gateName(failing),
      scores: failing.reasons,
      chosen: goesBack ? 'retry' : onFail === 'approval' ? 'approval' : 'raise',
    });
  }
}

/** What a try is told of the one before. */
export const told = ({ output, reasons }: SentBack): Value => ({ object: { output, reasons: inline(reasons) } });
