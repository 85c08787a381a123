import { Injectable } from '@nestjs/common';
import type { FoundAgents, RankedCandidate, SearchAgents, UnfitCapability } from '../../../contracts/agent-search.js';
import { BrikkError } from '../../../contracts/errors.js';
import { findCandidatesOf } from '../../../database/agents.repository.js';
import { Database } from '../../../database/database.js';
import { type AgentContract, listContracts } from '../../../database/list-contracts.js';
import { matches } from '../../../selection/matches.js';
import { rank } from '../../../selection/rank.js';
import { isRange } from '../../../selection/semver-range.js';
import type { Caller } from '../common/request.js';
import { withinTime } from '../common/within-time.js';
import { asksForContract, checkWish, whyUnfit } from './fit-contract.js';

const MAX_CONTRACTS = 1_000;
const MAX_UNFIT = 20;
/** Schemas are those of agents: what one of them costs must not hold the other requests up. */
const COMPARE_MS = 1_000;

type Offer = Pick<AgentContract, 'agentId' | 'capability'>;
const nameOf = ({ agentId, capability }: Offer) => `${agentId} ${capability}`;

@Injectable()
export class AgentSearchService {
  constructor(private readonly database: Database) {}

  /** Fails `request.invalid` for what cannot be read, and where too much would have to be compared. */
  async search({ orgId }: Caller, search: SearchAgents): Promise<FoundAgents> {
    const { capability, labels, versionRange, limit } = search;
    if (versionRange !== undefined && !isRange(versionRange))
      throw new BrikkError('request.invalid', 'The version range cannot be read', {
        violations: [{ path: 'versionRange', message: 'must be a semver range such as ^1.2.0' }],
      });
    checkWish(search);
    const target = { ...(labels ? { labels } : {}), ...(versionRange ? { version: versionRange } : {}) };
    return this.database.inOrg(orgId, async (tx) => {
      const all = await listContracts(tx, search, MAX_CONTRACTS + 1);
      if (all.length > MAX_CONTRACTS)
        throw tooMuch(`More than ${MAX_CONTRACTS} capabilities would have to be looked at`);
      const { fit, unfit } = compare(
        all.filter((one) => matches(one, target)),
        search,
      );
      const names = capability === undefined ? [...new Set(fit.map((one) => one.capability))] : [capability];
      const found = fit.length === 0 ? [] : await findCandidatesOf(tx, names, target);
      const declared = new Map(fit.map((one) => [nameOf(one), one.inputSchema !== undefined]));
      const loads = found.filter((one) => declared.has(nameOf(one))).map((one) => ({ ...one, queued: 0 }));
      const ranked = rank(loads, 'expected-completion', { random: Math.random, counter: 0 }).slice(0, limit);
      const items = ranked.map(({ candidate, score, reason }): RankedCandidate => {
        const { agentId, agent, version, instanceId, endpoint } = candidate;
        const contract = declared.get(nameOf(candidate)) ? 'fits' : 'undeclared';
        const of = { agentId, agent, version, instanceId, endpoint, capability: candidate.capability };
        return asksForContract(search) ? { ...of, contract, score, reason } : { ...of, score, reason };
      });
      return { items, unfit };
    });
  }
}

function compare(contracts: AgentContract[], search: SearchAgents): { fit: AgentContract[]; unfit: UnfitCapability[] } {
  if (!asksForContract(search)) return { fit: contracts, unfit: [] };
  return withinTime(
    COMPARE_MS,
    () => {
      const compared = contracts.map((contract) => ({ contract, why: whyUnfit(contract, search) }));
      const unfit = compared.filter(({ why }) => why.length > 0).slice(0, MAX_UNFIT);
      return {
        fit: compared.filter(({ why }) => why.length === 0).map(({ contract }) => contract),
        unfit: unfit.map(({ contract: { agentId, agent, version, capability }, why }) => {
          return { agentId, agent, version, capability, why };
        }),
      };
    },
    () => tooMuch('To compare the contracts takes too long'),
  );
}

const tooMuch = (what: string) =>
  new BrikkError('request.invalid', `${what}: name a capability, tags or labels`, {
    violations: [{ path: 'capability', message: 'must be named, or tags or labels, where so many could be meant' }],
  });
