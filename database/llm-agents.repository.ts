import type { SchemaDocument } from '../contracts/json.js';
import type { KeptTurn, LlmAgent, LlmSettings } from '../contracts/llm-agents.js';
import type { RunRef } from '../contracts/values.js';
import type { Tx } from './database.js';

const FORGOTTEN_AT_ONCE = 100;

/** The agent as its calls go by it, with what its tools' agents say of them; undefined when it is none of a model. */
export async function loadLlmAgent(tx: Tx, agentId: string): Promise<LlmAgent | undefined> {
  const [row] = await tx<Omit<LlmAgent, 'settings' | 'contracts'> & { settings: LlmSettings | null }>(
    `SELECT name, settings, (limits ->> 'contextTokens')::int AS "contextTokens" FROM agent
     WHERE id = $1 AND protocol = 'llm'`,
    [agentId],
  );
  if (!row?.settings) return undefined;
  const { settings, ...agent } = row;
  return { ...agent, settings, contracts: await readContracts(tx, agentId, settings) };
}

/** Its own capabilities, and of each of its tools what the newest of its agents declares. */
async function readContracts(tx: Tx, agentId: string, { tools }: LlmSettings): Promise<LlmAgent['contracts']> {
  const rows = await tx<{ name: string; own: boolean; description: string | null; inputSchema: SchemaDocument | null }>(
    `SELECT DISTINCT ON (c.name, own) c.name, c.agent_id = $1 AS own, c.contract ->> 'description' AS description,
       c.contract -> 'inputSchema' AS "inputSchema"
     FROM agent_capability c WHERE c.agent_id = $1 OR c.name = ANY($2::text[])
     ORDER BY c.name, own, c.agent_id DESC`,
    [agentId, tools.map(({ capability }) => capability)],
  );
  return rows.map(({ description, inputSchema, ...row }) => ({
    ...row,
    ...(description !== null && { description }),
    ...(inputSchema !== null && { inputSchema }),
  }));
}

/** What the agent has said so far in this call, in order. */
export async function readTurns<Turn = KeptTurn>(tx: Tx, { runId, callKey, agentId }: TurnPlace): Promise<Turn[]> {
  const rows = await tx<{ content: Turn }>(
    'SELECT content FROM llm_turn WHERE run_id = $1 AND call_key = $2 AND agent_id = $3 ORDER BY turn',
    [runId, callKey, agentId],
  );
  return rows.map(({ content }) => content);
}

type TurnPlace = RunRef & { callKey: string; agentId: string };

/** Keeps a turn, from 1, before what follows it; gives the one that was kept first. */
export async function keepTurn<Turn = KeptTurn>(tx: Tx, place: TurnPlace, turn: number, content: Turn): Promise<Turn> {
  const { orgId, runId, callKey, agentId } = place;
  const [kept] = await tx<{ content: Turn }>(
    `INSERT INTO llm_turn (run_id, call_key, agent_id, turn, org_id, content) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT DO NOTHING RETURNING content`,
    [runId, callKey, agentId, turn, orgId, JSON.stringify(content)],
  );
  await forgetEnded(tx);
  return kept?.content ?? ((await readTurns<Turn>(tx, place))[turn - 1] as Turn);
}

/** Of runs that ended a day ago: until then one of them may be made again. */
async function forgetEnded(tx: Tx): Promise<void> {
  await tx(
    `DELETE FROM llm_turn WHERE (run_id, call_key, agent_id, turn) IN (
       SELECT t.run_id, t.call_key, t.agent_id, t.turn FROM llm_turn t JOIN run ON run.id = t.run_id
       WHERE t.at < now() - interval '1 day' AND run.finished_at < now() - interval '1 day'
       ORDER BY t.at LIMIT ${FORGOTTEN_AT_ONCE} FOR UPDATE OF t SKIP LOCKED)`,
  );
}
