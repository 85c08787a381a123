import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { RUN_EXAMPLES } from '../../apps/api/runs/run-examples.js';
import { PATTERNS } from '../../contracts/patterns.js';
import { LaunchedBrikk } from '../support/brikk.js';

jest.setTimeout(180_000);

const pages = path.join(import.meta.dirname, '../../docs/patterns');
/** What a page shows as JSON and is a whole run, and what the API's own documentation shows. */
const shown = readdirSync(pages).flatMap((page) =>
  [...readFileSync(path.join(pages, page), 'utf8').matchAll(/^```json\n([^]*?)^```$/gm)]
    .map(([, json = '']) => JSON.parse(json) as { pattern?: string; input?: unknown })
    .filter(({ pattern, input }) => pattern !== undefined && input !== undefined)
    .map((run, place) => ({ name: `${page} (${place + 1})`, run })),
);
const ofTheApi = Object.entries(RUN_EXAMPLES).map(([name, run]) => ({ name: `the API's ${name}`, run: run as object }));
const isNew = ({ run }: { run: object }) => !shown.some((example) => isDeepStrictEqual(example.run, run));
const examples = [...shown, ...ofTheApi.filter(isNew)];

describe('what the documentation shows', () => {
  let brikk: LaunchedBrikk;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up([]);
  });
  afterAll(() => brikk?.down());

  it('has a run of every pattern', () => {
    const patterns = new Set(shown.map(({ run }) => run.pattern));
    for (const pattern of PATTERNS) expect(patterns).toContain(pattern);
  });

  it.each(examples)('$name is done by the sample agents, and has a story', async ({ run }) => {
    const { id } = await brikk.start(run);
    const { status, error } = await brikk.finished(id);
    expect({ status, error }).toEqual({ status: 'completed', error: null });
    const story = await brikk.brikk(['runs', 'story', id]);
    expect(story).toMatch(/^A run of the (pattern|workflow) \S+\.\n[^]+\nIt completed after /);
    expect(story.split('\n').length).toBeGreaterThan(3);
  });
});
