import type { Lessons, LoggedChoice } from '../contracts/selection.js';
import { learnedShares } from './learned.js';
import type { CandidateLoad } from './scorer.js';
import { Shortlist } from './shortlist.js';

/** What is chosen, and how likely that was. */
export interface LearnedPick<Load> {
  candidate: Load;
  choice: LoggedChoice;
}

/**
 * The agents of one target with their shares of the calls, drawn once for all calls that come before the next reading.
 * Among the instances of an agent expected-completion chooses.
 */
export class LearnedShortlist<Load extends CandidateLoad> {
  private readonly base: Shortlist<Load>;
  private readonly agents: { agentId: string; share: number; instances: Shortlist<Load> }[];

  constructor(
    candidates: readonly Load[],
    private readonly agentOf: (candidate: Load) => string,
    { settings, lessons }: Lessons,
    private readonly random: () => number,
  ) {
    this.base = new Shortlist(candidates, 'expected-completion', random);
    const known = new Map(lessons.map((lesson) => [lesson.agentId, lesson]));
    const byAgent = new Map<string, Load[]>();
    for (const candidate of candidates) {
      const instances = byAgent.get(agentOf(candidate));
      if (instances) instances.push(candidate);
      else byAgent.set(agentOf(candidate), [candidate]);
    }
    const ids = [...byAgent.keys()];
    const shares = learnedShares(
      ids.map((id) => known.get(id) ?? { ...UNKNOWN, agentId: id }),
      settings,
      random,
    );
    this.agents = ids.map((agentId, place) => ({
      agentId,
      share: shares[place] as number,
      instances: new Shortlist(byAgent.get(agentId) ?? [], 'expected-completion', random),
    }));
  }

  /** One of the agents with an instance that is free now; undefined when there is none. */
  pick(free: (candidate: Load) => boolean): LearnedPick<Load> | undefined {
    const able = this.agents.flatMap(({ agentId, share, instances }) => {
      const candidate = instances.choose(0, free);
      return candidate ? [{ agentId, share, candidate }] : [];
    });
    const sum = able.reduce((total, { share }) => total + share, 0);
    let left = this.random() * sum;
    const drawn = able.find(({ share }) => (left -= share) < 0) ?? able.at(-1);
    const base = this.base.choose(0, free);
    if (!drawn || !base) return undefined;
    const propensities = Object.fromEntries(able.map(({ agentId, share }) => [agentId, share / sum]));
    const { agentId, candidate } = drawn;
    return { candidate, choice: { propensities, agentId, baseAgentId: this.agentOf(base) } };
  }
}

const UNKNOWN = { successes: 0, failures: 0, quality: null, ratings: 0, latencyMs: null, costUsd: 0 };
