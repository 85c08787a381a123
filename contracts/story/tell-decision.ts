import { tellFallback, tellGate } from './tell-care.js';
import { type Loose, namesOf, textOf } from './loose.js';
import { tellDelegation, tellEscalation, tellHierarchy } from './tell-hierarchy.js';
import { tellAward, tellBids, tellEligible, tellTooFewBids } from './tell-market.js';
import { tellClearing, tellLeftOver, tellNextBest } from './tell-exchange.js';
import { tellCompile, tellSolveRound } from './tell-solve.js';
import { tellConsensus, tellReview, tellSpeaker, tellTie, tellVote, tellWeights } from './tell-votes.js';
import {
  tellActivation,
  tellBoardEnd,
  tellBoardMemory,
  tellMemoryCall,
  tellCompletion,
  tellConflict,
  tellHandoff,
  tellItems,
  tellLedger,
  tellOrder,
  tellPlan,
  tellRecall,
  tellReplan,
  tellSummary,
} from './tell-work.js';
import { list, shorten } from './words.js';

/**
 * A decision in words; undefined when it needs none. `doneBy` names who did the parallel work that it is about. One that
 * this version does not know is told by its own words.
 */
export function tellDecision(decision: Loose, doneBy: string): string | undefined {
  const { what, rule, chosen, candidates } = decision;
  switch (what) {
    case 'bids':
      return tellBids(decision);
    case 'award':
      return tellAward(decision);
    case 'too few bids':
      return tellTooFewBids(decision);
    case 'solve round':
      return tellSolveRound(decision);
    case 'compile':
      return tellCompile(decision);
    case 'clearing':
      return tellClearing(decision);
    case 'next best':
      return tellNextBest(decision);
    case 'left over':
      return tellLeftOver(decision);
    case 'eligible':
      return tellEligible(decision);
    case 'completion':
      return tellCompletion(decision, doneBy);
    case 'work':
      return tellItems(decision, doneBy);
    case 'vote':
      return tellVote(decision);
    case 'consensus round':
      return tellConsensus(decision);
    case 'tie':
      return tellTie(decision);
    case 'review':
      return tellReview(decision);
    case 'speaker':
      return tellSpeaker(decision);
    case 'handoff':
      return tellHandoff(decision);
    case 'plan':
      return tellPlan(decision);
    case 'delegation':
      return tellDelegation(decision);
    case 'escalation':
      return tellEscalation(decision);
    case 'hierarchy':
      return tellHierarchy(decision);
    case 'replan':
      return tellReplan(decision);
    case 'ledger':
      return tellLedger(decision);
    case 'order':
      return tellOrder(decision);
    case 'summary':
      return tellSummary(decision);
    case 'pattern':
      return `${textOf(chosen)} does it (${textOf(rule)})`;
    case 'switch':
      return `${textOf(chosen)} takes over (${textOf(rule)})`;
    case 'activate':
      return tellActivation(decision);
    case 'conflict':
      return tellConflict(decision);
    case 'end':
      return tellBoardEnd(decision);
    case 'memory':
      return tellBoardMemory(decision);
    case 'memory call':
      return tellMemoryCall(decision);
    case 'recall':
      return tellRecall(decision);
    case 'weights':
      return tellWeights(decision);
    case 'fallback':
      return tellFallback(decision);
    case 'gate':
      return tellGate(decision);
    case 'clean':
      return `the cleaner took away ${list(namesOf(chosen))}`;
    case 'merge':
      return `the answers differ in ${list(namesOf(candidates))} (${textOf(rule)})`;
    default: {
      const choice = chosen === undefined ? '' : `: ${shorten(chosen)}`;
      return `${textOf(what)} by ${textOf(rule)}${choice}`;
    }
  }
}
