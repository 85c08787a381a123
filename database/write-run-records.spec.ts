import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asOwner, type TestDatabase, withDatabase } from '../test/support/postgres.js';
import { acceptedRun, finishedCall } from '../test/support/runs.js';
import type { Tx } from './database.js';
import { uuidv7 } from './uuid.js';
import { writeRunRecords } from './write-run-records.js';

/** So few that a plan which reads them all looks cheap. */
const OTHER_RUNS = 50;
const RECORDS = 100;

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Loops': number;
  Plans?: PlanNode[];
}

describe('writing records of a run', () => {
  const orgId = uuidv7();
  let test: TestDatabase;
  beforeAll(async () => {
    test = await withDatabase();
    const one = await acceptedRun(test.database, orgId);
    const copies = `INSERT INTO run SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid()))).*
      FROM run r, generate_series(1, $2) WHERE r.id = $1`;
    await asOwner(test.ownerUrl, (owner) => owner.query(copies, [one, OTHER_RUNS]));
  }, 90_000);
  afterAll(() => test?.close());

  it('reads no other run of its organisation', async () => {
    const plans: PlanNode[] = [];
    const run = await acceptedRun(test.database, orgId);
    await test.database.inOrg(orgId, async (tx) => {
      const explained = async (text: string, values?: unknown[]) => {
        if (!text.includes('INSERT INTO call_journal')) return tx(text, values);
        const [row] = await tx<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
          `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
          values,
        );
        plans.push(...nodesOf(row!['QUERY PLAN'][0]!.Plan));
        return [];
      };
      const calls = Array.from({ length: RECORDS }, (_, n) => ({ runId: run, call: finishedCall(`c${n}`) }));
      await writeRunRecords(Object.assign(explained, { orgId }) as Tx, orgId, calls);
    });
    const runs = plans.filter((node) => node['Relation Name'] === 'run' && node['Node Type'] !== 'ModifyTable');
    expect(runs.map((node) => node['Index Name'])).toEqual(['run_pkey', 'run_pkey']);
    const grouped = plans.filter((node) => /Aggregate/.test(node['Node Type']));
    expect(Math.max(...grouped.map((node) => node['Actual Loops']))).toBe(1);
  });
});

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];
