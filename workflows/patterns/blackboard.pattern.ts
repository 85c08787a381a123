import type { BlackboardParams } from '../../contracts/blackboard.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { canceled, failed, type PatternResult, result } from '../lib/pattern-result.js';
import { BoardSession, type Ending } from './board-session.js';
import { boardOutput } from './board-report.js';
import { checkOutput } from './check-output.js';

/**
 * Sources act on a shared board when it has something for them, chosen by `control`, until the goal is met, nobody has
 * anything to add (quiescence), or a limit is reached (Hearsay-II: Erman et al., "The Hearsay-II Speech-Understanding
 * System", Computing Surveys 12, 1980; control: B. Hayes-Roth, "A Blackboard Architecture for Control", 1985).
 */
export async function blackboard(
  outer: PatternContext,
  params: BlackboardParams,
  given: Value,
): Promise<PatternResult> {
  const ctx = outer.withOptions(params);
  const input = await ctx.input(params.input, given, { input: given });
  const session = new BoardSession(ctx, params, input);
  await session.seed();
  ctx.describe(`${params.sources.length} sources on one board, ${params.consistency}`);
  const ending = await session.run();
  await session.keep();
  report(ctx, session, ending);
  const end = { ...ended(params, session, ending), rounds: session.cycles, warnings: session.log.warnings() };
  return checkOutput(ctx, end, params.outputSchema);
}

function ended({ until }: BlackboardParams, session: BoardSession, ending: Ending): PatternResult {
  const output = boardOutput(session, goalIsMet(ending) ? undefined : until);
  const { lost } = session;
  const { activations } = session.log;
  switch (ending) {
    case 'canceled':
      return canceled(output);
    case 'goal_met':
    case 'consensus':
      return result('completed', ending, output);
    case 'max_cycles':
    case 'max_activations':
      return result('partial', ending, output);
    case 'quiescent':
      if (lost && activations.every(({ status }) => status === 'failed')) {
        return failed(lost.terminationReason, output, lost.error);
      }
      if (until !== undefined) return result('partial', 'quiescent', output);
      return session.gaps ? result('partial', 'agent_failed', output) : result('completed', 'quiescent', output);
  }
}

function report(ctx: PatternContext, { board, cycles, log }: BoardSession, ending: Ending): void {
  const scores = { cycles, activations: log.activations.length, entries: board.entries.length };
  ctx.decide({
    what: 'end',
    rule: 'goal, consensus, quiescence or limit',
    scores: { ...scores, conflicts: log.conflicts.length },
    chosen: ending,
  });
}

const goalIsMet = (ending: Ending): boolean => ending === 'goal_met' || ending === 'consensus';
