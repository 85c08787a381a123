import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pinnedRun } from '../contracts/pinned-run.js';
import { CLAIM_CHECK_BYTES } from '../contracts/values.js';
import { asOwner, tablesWith, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { pushed } from '../test/support/a2a-task.js';
import { finishedCall } from '../test/support/runs.js';
import { finishRun } from './finish-run.js';
import { Journal } from './journal.js';
import { putMemory } from './memory.repository.js';
import { deleteOldRuns, OF_RUNS } from './old-runs.repository.js';
import { copyJournal, loadRun } from './runs.repository.js';
import { recordRun } from './record-run.js';
import { uuidv7 } from './uuid.js';

/** Tables that name runs, and keep what they hold when a run is deleted. */
const KEPT = ['agent_score', 'bus_event', 'bus_outbox'];
/** Goes with what belongs to it. */
const APART = ['webhook_endpoint'];

describe('runs of definitions that say how long they are kept', () => {
  const orgId = uuidv7();
  const large = 'x'.repeat(CLAIM_CHECK_BYTES + 1);
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
  }, 60_000);
  afterAll(() => test?.close());

  async function accepted(retention?: string, more: { parentRunId?: string } = {}): Promise<string> {
    const document = { dsl: '1.0.3', namespace: 'test', name: 'kept', version: '1.0.0' };
    const metadata = retention === undefined ? {} : { brikk: { retention } };
    const definition = { document: { ...document, metadata }, do: [{ hear: { listen: { to: { any: [] } } } }] };
    const start = pinnedRun({ definition, hash: 'h' }, { input: { large } });
    const run = await test.database.inOrg(orgId, (tx) => recordRun(tx, { orgId, start, definitionHash: 'h', ...more }));
    return run.input.runId;
  }
  const end = (runId: string, output: string = large) =>
    finishRun(test.database, {
      orgId,
      runId,
      status: 'completed',
      terminationReason: 'done',
      degraded: false,
      rounds: 0,
      warnings: [],
      output: { inline: output },
      events: [],
    });
  const call = async (runId: string) => {
    await new Journal(test.database).record(orgId, runId, finishedCall('a'));
    await test.database.inOrg(orgId, (tx) =>
      putMemory(tx, { scope: 'run', scopeId: runId, key: 'k' }, { type: 'run', id: runId }, { value: 1 }),
    );
  };
  const load = (runId: string) => test.database.inOrg(orgId, (tx) => loadRun(tx, runId));
  /** Lets two hours pass. */
  const later = () =>
    asOwner(test.ownerUrl, (owner) => owner.query(`UPDATE run SET delete_at = delete_at - interval '2 h'`));
  const taken = () => asOwner(test.ownerUrl, (owner) => owner.query('DELETE FROM bus_outbox'));

  it('go with all that is on record of them, when their time after their end is over, and no others do', async () => {
    const [kept, open, old] = [await accepted(), await accepted('PT1H'), await accepted('PT1H')];
    for (const runId of [kept, open, old]) await call(runId);
    await pushed(test.database, orgId, old);
    await end(kept);
    await end(old);
    await taken();
    expect(await deleteOldRuns(test.database)).toBe(0);
    await later();
    expect(await deleteOldRuns(test.database)).toBe(1);
    expect(await tablesWith(test.ownerUrl, [old])).toEqual([]);
    await expect(load(old)).rejects.toMatchObject({ code: 'run.not_found' });
    expect(await load(kept)).toMatchObject({ output: large, contributions: [{ callKey: 'a' }] });
    expect(await load(open)).toMatchObject({ finishedAt: null });
  });

  it('stay while the run around them goes on, and while the bus has not taken their events', async () => {
    const around = await accepted();
    const below = await accepted('PT1H', { parentRunId: around });
    await end(below);
    await later();
    await taken();
    expect(await deleteOldRuns(test.database)).toBe(0);
    await end(around);
    expect(await deleteOldRuns(test.database)).toBe(1);

    const telling = await accepted('PT1H');
    await end(telling);
    await later();
    await asOwner(test.ownerUrl, (owner) =>
      owner.query('INSERT INTO bus_outbox (org_id, run_id, position) VALUES ($1, $2, 1) ON CONFLICT DO NOTHING', [
        orgId,
        telling,
      ]),
    );
    expect(await deleteOldRuns(test.database)).toBe(0);
    await taken();
    expect(await deleteOldRuns(test.database)).toBe(1);
  });

  it('leave to other runs the values that those have, too', async () => {
    const first = await accepted('PT1H');
    const entry = { ...finishedCall('a'), output: { inline: null } };
    await end(first);
    const { rows } = await asOwner(test.ownerUrl, (owner) =>
      owner.query<{ ref: string; bytes: number }>(
        'SELECT p.id AS ref, bytes FROM payload p JOIN run r ON r.output_ref = p.id WHERE r.id = $1',
        [first],
      ),
    );
    const source = await accepted('PT1H');
    await new Journal(test.database).record(orgId, source, { ...entry, output: rows[0]! });
    const again = await accepted();
    await test.database.inOrg(orgId, (tx) => copyJournal(tx, { fromRunId: source, toRunId: again, keys: () => true }));
    await end(source, 'short');
    await later();
    await taken();
    expect(await deleteOldRuns(test.database)).toBe(2);
    const { rows: heirs } = await asOwner(test.ownerUrl, (owner) =>
      owner.query('SELECT run_id FROM payload WHERE id = $1', [rows[0]!.ref]),
    );
    expect(heirs).toEqual([{ run_id: again }]);
  });

  it('are all that can be deleted of the record', async () => {
    const runId = await accepted('PT1H');
    await call(runId);
    await end(runId);
    for (const table of ['run_event', 'call_journal', 'payload', 'run']) {
      const gone = await test.database.inOrg(orgId, (tx) => tx(`DELETE FROM ${table} RETURNING 1`));
      expect([table, gone]).toEqual([table, []]);
    }
  });

  it('leave no table that names runs out of account', async () => {
    const { rows } = await asOwner(test.ownerUrl, (owner) =>
      owner.query<{ name: string }>(
        `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
           AND a.attname IN ('run_id', 'listener_id') AND NOT a.attisdropped`,
      ),
    );
    const names = rows.map(({ name }) => name).filter((name) => ![...KEPT, ...APART].includes(name));
    expect(names.filter((name) => !Object.hasOwn(OF_RUNS, name))).toEqual([]);
  });
});
