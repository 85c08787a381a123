import { describe, expect, it, jest } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { record } from './record.js';
import { recordDefinitions } from './record-definitions.js';
import { recordBulk } from './record-bulk.js';
import { recordListens } from './record-listens.js';

jest.setTimeout(60_000);
const workflowBundle = { codePath: process.env.BRIKK_TEST_WORKFLOW_BUNDLE ?? '' };
const folder = path.join(import.meta.dirname, 'histories');
// BRIKK_RECORD=1 records the scenarios anew, before they are replayed; names with commas between them, only those.
const wanted = process.env.BRIKK_RECORD;
if (wanted) {
  mkdirSync(folder, { recursive: true });
  await record(folder, wanted === '1' ? undefined : wanted.split(','));
  await recordBulk(folder, wanted === '1' ? undefined : wanted.split(','));
  await recordDefinitions(folder, wanted === '1' ? undefined : wanted.split(','));
  await recordListens(folder, wanted === '1' ? undefined : wanted.split(','));
}

describe('recorded histories', () => {
  it.each(readdirSync(folder))("%s replays against today's code", async (file) => {
    const bytes = readFileSync(path.join(folder, file));
    const history: unknown = JSON.parse(String(file.endsWith('.gz') ? gunzipSync(bytes) : bytes));
    const replay = Worker.runReplayHistory({ workflowBundle }, history);
    await expect(replay).resolves.toBeUndefined();
  });
});
