import type { CallStat } from '../../contracts/candidates.js';
import { selectionSettingsSchema } from '../../contracts/selection.js';
import { recordCallStats } from '../../database/agents.repository.js';
import type { Database } from '../../database/database.js';
import { putSelectionSettings } from '../../database/selection.repository.js';

/** A call whose agent was learned, and settings of learned selection. */
export async function learnedChoice(database: Database, runId: string, stat: CallStat): Promise<void> {
  const { agentId, orgId } = stat;
  const choice = { runId, callKey: 'a', attempt: 1, agentId, baseAgentId: agentId, propensities: { [agentId]: 1 } };
  await recordCallStats(database, [{ ...stat, choice }]);
  await database.inOrg(orgId, (tx) => putSelectionSettings(tx, selectionSettingsSchema.parse({})));
}
