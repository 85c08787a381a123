import { chainSubjects, STEPS } from './harness/chain.js';
import { drive, type Driven } from './harness/drive.js';
import { fanByProduct, registerFan } from './harness/fan.js';
import type { PeerWork } from './harness/peer-contract.js';
import { peerNames, PeerProcess, peerTitle, type PeerName } from './harness/peer-process.js';
import type { BenchOptions, BenchResult } from './harness/report.js';
import type { Stage } from './harness/stage.js';
import { median, quantile, rotated } from './harness/statistics.js';
import { type Outcome, tablesOf } from './peers-tables.js';

const BRIKK = 'Brikk';
const CLIENTS = 50;
const FAN = { size: 1_000, delayMs: 100 };
const SUSTAINED = { clients: 4, size: 100 };

/** Told of the product; each peer tells its own. */
const BY_PRODUCT =
  'Postgres, group commits of the journal; progress of workflows in the SQLite of Temporal’s dev server';

type Perform = (work: PeerWork) => Promise<Driven>;

/**
 * The same work on systems that users may choose instead, in turns: each peer is started for its turn alone, on the
 * product's Postgres or on a server of its own, and calls the same agents.
 */
export async function peers(stage: Stage, options: BenchOptions): Promise<BenchResult> {
  const names = options.peers ?? peerNames();
  const outcomes = new Map<string, Outcome>();
  const byProduct = await performedByProduct(stage);
  for (let round = 0; round < options.rounds; round += 1)
    for (const name of rotated([BRIKK, ...names] as const, round)) {
      const title = name === BRIKK ? BRIKK : peerTitle(name);
      const outcome = outcomes.get(title) ?? newOutcome(name === BRIKK ? BY_PRODUCT : 'unknown');
      outcomes.set(title, outcome);
      if (outcome.reason !== undefined) continue;
      console.log(`  round ${round + 1}: ${title}`);
      if (name === BRIKK) await takeTurn(stage, byProduct, options, outcome);
      else await takeTurnOf(name, stage, options, outcome);
    }
  return { figures: [], tables: tablesOf(outcomes, CLIENTS), details: Object.fromEntries(outcomes) };
}

const newOutcome = (durability: string): Outcome => ({ rows: [], cpu: [], node: process.versions.node, durability });

/** A peer that cannot start or fails at its work has a line that says why, and takes no further turn. */
async function takeTurnOf(name: PeerName, stage: Stage, options: BenchOptions, outcome: Outcome): Promise<void> {
  let peer: PeerProcess | undefined;
  try {
    peer = await PeerProcess.start(name, stage);
    const { node, durability, pid } = peer;
    Object.assign(outcome, { node, durability });
    stage.guests.peer = [pid];
    await takeTurn(stage, (work) => (peer as PeerProcess).perform(work), options, outcome);
  } catch (error) {
    outcome.reason = error instanceof Error ? error.message : String(error);
  } finally {
    delete stage.guests.peer;
    await peer?.stop();
  }
}

/** Figures enter the outcome one by one, so that a failure loses none that were taken before it. */
async function takeTurn(stage: Stage, perform: Perform, { quick }: BenchOptions, outcome: Outcome): Promise<void> {
  const [warmUpMs, measuredMs] = quick ? [1_500, 4_000] : [3_000, 15_000];
  const row: Record<string, number> = {};
  outcome.begun = row;
  let repeated = 0;
  const measure = async (warmUp: PeerWork, measured: PeerWork, delayMs = 0) => {
    await stage.agents.reset(delayMs);
    await perform(warmUp);
    await stage.agents.reset(delayMs);
    const { result, cpu } = await stage.withCpu(() => perform(measured));
    repeated += (await stage.agents.stats()).duplicates;
    return { ...result, cpu };
  };

  const runs = quick ? { warmUp: 30, measured: 60 } : { warmUp: 50, measured: 300 };
  const one = await measure({ load: { clients: 1, runs: runs.warmUp } }, { load: { clients: 1, runs: runs.measured } });
  row['3 calls, p50 ms'] = quantile(one.tookMs, 0.5);
  row['p99 ms'] = quantile(one.tookMs, 0.99);

  const clients = CLIENTS;
  const many = await measure({ load: { clients, forMs: warmUpMs } }, { load: { clients, forMs: measuredMs } });
  row[`${clients} clients, runs/s`] = many.tookMs.length / many.seconds;
  outcome.cpu.push(many.cpu);

  const fan = FAN.size;
  const fans = quick ? { warmUp: 5, measured: 3 } : { warmUp: 20, measured: 5 };
  const wide = await measure(
    { fan, load: { clients: 1, runs: fans.warmUp } },
    { fan, load: { clients: 1, runs: fans.measured } },
    FAN.delayMs,
  );
  row['1,000 × 100 ms, ms'] = median(wide.tookMs);

  const { size, clients: fanClients } = SUSTAINED;
  const steady = await measure(
    { fan: size, load: { clients: fanClients, forMs: warmUpMs } },
    { fan: size, load: { clients: fanClients, forMs: measuredMs } },
  );
  row['4 × 100, calls/s'] = (steady.tookMs.length * size) / steady.seconds;
  row['repeated calls'] = repeated;
  outcome.rows.push(row);
}

async function performedByProduct(stage: Stage): Promise<Perform> {
  for (const size of [FAN.size, SUSTAINED.size]) await registerFan(stage, size);
  const [brikk] = await chainSubjects(stage, STEPS);
  return ({ fan, load }) =>
    fan === undefined ? drive(async (input) => brikk?.run(input), load) : drive(() => fanByProduct(stage, fan), load);
}
