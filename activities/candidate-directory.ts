import type { Select } from '../contracts/calls.js';
import type { Candidate } from '../contracts/candidates.js';
import type { CallTarget } from '../contracts/run-workflow.js';
import type { Lessons } from '../contracts/selection.js';
import { LearnedShortlist } from '../selection/learned-shortlist.js';
import { matches } from '../selection/matches.js';
import type { Ejections } from '../selection/ejections.js';
import { Shortlist } from '../selection/shortlist.js';
import type { TrackRecord } from '../selection/track-record.js';
import type { AgentRegistry, WaitingCalls } from './dependencies.js';
import type { InstanceSlots, Slot } from './instance-slots.js';

/**
 * A candidate with what this worker knows of it right now. Its fields are plain: a thousand calls at once look at a
 * thousand of these each.
 */
export class Contender {
  readonly queued = 0;
  readonly instanceId: string;
  readonly maxConcurrency: number;
  readonly load: number | null;
  readonly latencyMs: number | null;
  readonly successRate: number | null;
  readonly costUsd: number | null;
  readonly record: TrackRecord;
  readonly unheardMs: number;
  private readonly slot: Slot;

  constructor(
    readonly candidate: Candidate,
    slots: InstanceSlots,
  ) {
    this.instanceId = candidate.instanceId;
    this.maxConcurrency = candidate.maxConcurrency;
    this.load = candidate.load;
    this.latencyMs = candidate.latencyMs;
    this.successRate = candidate.successRate;
    this.costUsd = candidate.costUsd;
    this.slot = slots.slotOf(candidate.instanceId);
    this.record = slots.recordOf(candidate.instanceId, candidate.capability);
    this.unheardMs = this.slot.taken > 0 ? 0 : Date.now() - this.slot.heardAt;
  }

  /** The shared count is as old as the last heartbeat; the own one is exact. */
  get inFlight(): number {
    return Math.max(this.slot.taken, this.candidate.inFlight);
  }
  get hasFreeSlot(): boolean {
    const { taken, limit } = this.slot;
    return taken < this.maxConcurrency && (limit === undefined || taken < limit.calls);
  }
}

/** The contenders of one target, in order of instance id. */
export interface Contenders {
  all: readonly Contender[];
  /** In the order of a policy, which is made once for all calls that come before the next reading. */
  by: (select: Select) => Shortlist<Contender>;
  /** Those of a region. */
  within: (region: string) => Contenders;
  /** Where calls of the target learn, and have learned something. */
  learned: LearnedShortlist<Contender> | undefined;
  /** Calls of the target that wait for a slot in this worker now. */
  queue: { length: number };
}

/** `counter` counts the questions for the target. */
interface Turn {
  contenders: Contenders;
  counter: number;
}

interface Entry {
  orgId: string;
  target: CallTarget;
  contenders: Contenders;
  readAt: number;
  counter: number;
  queue: Contenders['queue'];
  /** A call of the target has asked for what was learned. */
  learns: boolean;
  refreshing?: Promise<void>;
}

const FRESH_MS = 250;
const STALE_MS = 500;
const MAX_TARGETS = 1_000;

/** The candidates of each target, at most half a second old and read again in the background while they are used. */
export class CandidateDirectory {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly registry: Pick<AgentRegistry, 'findCandidates' | 'readLessons'>,
    private readonly slots: InstanceSlots,
    private readonly ejections: Pick<Ejections, 'compare'>,
    private readonly random: () => number,
  ) {}

  /** No promise while they are fresh: a thousand calls at once come by here. */
  find(orgId: string, target: CallTarget, select?: Select): Turn | Promise<Turn> {
    if (select === 'learned') return this.findLearned(orgId, target);
    const entry = this.upToDate(orgId, target);
    const isStale = Date.now() - entry.readAt > STALE_MS;
    return isStale && entry.refreshing ? entry.refreshing.then(() => turnOf(entry)) : turnOf(entry);
  }

  /** As `find`, with what was learned of the agents. */
  private findLearned(orgId: string, target: CallTarget): Turn | Promise<Turn> {
    const entry = this.upToDate(orgId, target);
    if (entry.learns) return this.find(orgId, target);
    entry.learns = true;
    entry.refreshing ??= this.read(entry, orgId, target);
    const again = entry.refreshing.then(() => (entry.contenders.learned ? undefined : this.read(entry, orgId, target)));
    return again.then(() => turnOf(entry));
  }

  /** Reads them ahead of a question that is on its way. */
  expect(orgId: string, target: CallTarget): void {
    this.upToDate(orgId, target);
  }

  /** Targets whose calls wait for a slot in this worker now. */
  waiting(): WaitingCalls[] {
    return [...this.entries.values()]
      .filter(({ queue }) => queue.length > 0)
      .map(({ orgId, target: { agent = '', capability = '' }, queue }) => ({
        orgId,
        agent,
        capability,
        waiting: queue.length,
      }));
  }

  private upToDate(orgId: string, target: CallTarget): Entry {
    const name = `${orgId} ${JSON.stringify(target)}`;
    const entry = this.entries.get(name) ?? this.add(name, orgId, target);
    if (entry.refreshing || Date.now() - entry.readAt <= FRESH_MS) return entry;
    entry.refreshing = this.read(entry, orgId, target);
    entry.refreshing.catch(() => undefined); // Who waits for it hears of it, and the next question asks again.
    return entry;
  }

  private add(name: string, orgId: string, target: CallTarget): Entry {
    const [oldest] = this.entries.keys();
    if (this.entries.size >= MAX_TARGETS && oldest !== undefined) this.entries.delete(oldest);
    const queue = { length: 0 };
    const entry: Entry = {
      orgId,
      target,
      contenders: this.ordered([], queue),
      queue,
      readAt: Number.NEGATIVE_INFINITY,
      counter: 0,
      learns: false,
    };
    this.entries.set(name, entry);
    return entry;
  }

  private async read(entry: Entry, orgId: string, target: CallTarget): Promise<void> {
    try {
      const candidates = await this.registry.findCandidates(orgId, target);
      const { capability } = target;
      const lessons = entry.learns && capability !== undefined && (await this.registry.readLessons(orgId, capability));
      const able = candidates.filter((candidate) => matches(candidate, target));
      entry.contenders = this.ordered(able, entry.queue, lessons || undefined);
      this.ejections.compare(entry.contenders.all);
      entry.readAt = Date.now();
    } finally {
      delete entry.refreshing;
    }
  }

  private ordered(candidates: Candidate[], queue: Contenders['queue'], lessons?: Lessons): Contenders {
    const all = candidates
      .sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1))
      .map((candidate) => new Contender(candidate, this.slots));
    const shortlists = new Map<Select, Shortlist<Contender>>();
    const by = (select: Select) => {
      const shortlist = shortlists.get(select) ?? new Shortlist(all, select, this.random);
      shortlists.set(select, shortlist);
      return shortlist;
    };
    const regions = new Map<string, Contenders>();
    const within = (region: string) => {
      const near = regions.get(region) ?? this.near(candidates, region, { queue, lessons });
      regions.set(region, near);
      return near;
    };
    const learned =
      lessons?.settings.learned === true
        ? new LearnedShortlist(all, ({ candidate }) => candidate.agentId, lessons, this.random)
        : undefined;
    return { all, by, learned, queue, within };
  }

  private near(
    candidates: Candidate[],
    region: string,
    { queue, lessons }: Pick<Contenders, 'queue'> & { lessons: Lessons | undefined },
  ): Contenders {
    return this.ordered(
      candidates.filter((candidate) => candidate.region === region),
      queue,
      lessons,
    );
  }
}

const turnOf = (entry: Entry): Turn => ({ contenders: entry.contenders, counter: entry.counter++ });
