import type { Escalation, HierarchyParams, Manager } from '../../../contracts/hierarchy.js';
import type { Value } from '../../../contracts/values.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { isUsable, type PatternResult } from '../../lib/pattern-result.js';
import { inline, NULL, plain } from '../../lib/values.js';
import { isNested } from '../run-task.js';
import type { Assignment } from './assignments.js';
import { nameOf, readRuling, RULING, type Target } from './delegation-rules.js';
import { nodeOf, type TeamEnd, totalCost, type TreeNode } from './tree-node.js';

/** What became of a subtask. */
export interface Attended {
  id: string;
  result: PatternResult;
  /** The manager's reason when it gave the whole team's work up over this. */
  givenUp?: string;
  node: TreeNode;
}

export type Trouble = 'failure' | 'budget' | 'low_confidence';

interface Chief {
  manager: Manager | undefined;
  /** Where the manager is asked: the subtask's budget is not the manager's. */
  place: PatternContext;
}

/**
 * A subtask until it is done, or its manager takes it as it is. In trouble that `escalate` names, the manager rules:
 * again by the same or by somebody else, accepted as it is, or given up. A team without a manager tries again as it is.
 */
export async function attend(
  ctx: PatternContext,
  params: HierarchyParams,
  chief: Chief,
  given: Assignment,
  perform: (place: PatternContext, assignment: Assignment) => Promise<TeamEnd>,
): Promise<Attended> {
  const escalations: { reason: string; ruling: string }[] = [];
  const costs: (number | undefined)[] = [];
  let assignment = given;
  for (let attempts = 1; ; attempts += 1) {
    const place = attempts === 1 ? ctx : ctx.at('attempts', attempts);
    const { result, node } = await perform(place, assignment);
    costs.push(node.costUsd);
    const about = { ...node, id: given.id, by: assignment.by, attempts };
    const end = (givenUp?: string): Attended => ({
      id: given.id,
      result,
      node: nodeOf(result, { ...about, costUsd: totalCost(costs), ...(escalations.length > 0 && { escalations }) }),
      ...(givenUp === undefined ? {} : { givenUp }),
    });
    const trouble = troubleOf(result, params.escalate);
    if (!trouble || ctx.stopped !== undefined || attempts > params.reassign) return end();
    if (!chief.manager) continue;
    const { ruling, costUsd } = await askForRuling(chief, params, { trouble, assignment, result, attempts });
    costs.push(costUsd);
    const words = inWords(ruling);
    escalations.push({ reason: trouble, ruling: words });
    chief.place.decide({
      what: 'escalation',
      rule: trouble,
      candidates: [given.id],
      scores: { attempts },
      chosen: words,
    });
    if (!ruling || 'accept' in ruling) return end();
    if ('giveUp' in ruling) return end(ruling.giveUp);
    assignment = reassigned(assignment, ruling);
  }
}

/** The first reason to ask the manager that holds. */
export function troubleOf(ended: PatternResult, escalate: readonly Escalation[]): Trouble | undefined {
  const { status, confidence, terminationReason } = ended;
  // What a person refused is not the manager's to give out again.
  const isLost = !isUsable(ended) && status !== 'canceled' && status !== 'rejected';
  const isBudget = terminationReason === 'budget';
  for (const reason of escalate) {
    if (reason === 'onBudget' && isBudget) return 'budget';
    if (reason === 'onFailure' && isLost && !isBudget) return 'failure';
    if (typeof reason === 'object' && !isLost && (confidence ?? 1) < reason.onLowConfidence) return 'low_confidence';
  }
  return undefined;
}

interface Case {
  trouble: Trouble;
  assignment: Assignment;
  result: PatternResult;
  attempts: number;
}

interface Reassignment {
  /** The same as before when undefined. */
  to: Target | undefined;
  input: Value;
}
type Verdict = Reassignment | { accept: true } | { giveUp: string };

/** `ruling` is undefined when the manager gives none that can be carried out: the subtask stands as it is. */
async function askForRuling(
  { manager, place }: Chief,
  { allow }: HierarchyParams,
  { trouble, assignment, result, attempts }: Case,
): Promise<{ ruling: Verdict | undefined; costUsd?: number }> {
  const { id, by, input } = assignment;
  const told: Value = {
    object: {
      escalation: inline(trouble),
      subtask: { object: { id: inline(id), by: inline(by), input } },
      output: isUsable(result) ? result.output : NULL,
      confidence: inline(result.confidence ?? null),
      error: inline(result.error?.message ?? null),
      attempts: inline(attempts),
    },
  };
  const desk = place.at('manager', 'escalations', id, attempts);
  const task = { ...(manager as Manager), kind: 'decide' as const };
  const answer = await desk.callAgent({ key: '', task, input: told, role: 'manager' });
  const { costUsd } = answer;
  if (answer.status !== 'completed') return { ruling: undefined, costUsd };
  const decision = answer.output ?? NULL;
  const ruling = readRuling(plain(await desk.transform(RULING, decision)), allow);
  if (!ruling || !('reassign' in ruling)) return { ruling, costUsd };
  const work = ruling.hasInput ? await desk.transform('.input', decision) : input;
  return { ruling: { to: ruling.reassign, input: work }, costUsd };
}

function inWords(ruling: Verdict | undefined): string {
  if (!ruling) return 'no ruling';
  if ('accept' in ruling) return 'accepted';
  if ('giveUp' in ruling) return `given up: ${ruling.giveUp}`;
  return ruling.to ? `reassigned to ${nameOf(ruling.to)}` : 'reassigned';
}

/** The same work for somebody else, or other work for the same: a team stays a team under its new manager. */
function reassigned(assignment: Assignment, { to, input }: Reassignment): Assignment {
  const { task, team } = assignment;
  if (!to) return { ...assignment, input };
  const by = nameOf(to);
  if (team) return { ...assignment, input, by, team: { ...team, manager: to } };
  const options = task && !isNested(task) ? { ...task, capability: undefined, agent: undefined } : {};
  return { ...assignment, input, by, task: { ...options, ...to } };
}
