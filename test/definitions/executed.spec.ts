import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Definition } from '../../contracts/definition.js';
import type { Json } from '../../contracts/json.js';
import { TestInterpreter } from '../support/interpreted.js';

jest.setTimeout(60_000);

const FOLDER = 'docs/language';
/** Definitions that a page shows with the input, and mostly the output, of a run. */
const examples = readdirSync(FOLDER)
  // What other workflows run needs a record: its page is executed where that is tested.
  .filter((name) => name.endsWith('.md') && name !== 'run.md')
  .flatMap((name) =>
    [...readFileSync(`${FOLDER}/${name}`, 'utf8').matchAll(/```yaml\n(document:[^]*?)```\n\n```json\n([^]*?)```/g)].map(
      ([, yaml = '', json = '']) => ({
        name,
        definition: parse(yaml) as Definition,
        ...(JSON.parse(json) as { input: Json; output?: Json }),
      }),
    ),
  );

describe('what the pages of the tasks show', () => {
  let tested: TestInterpreter;
  beforeAll(async () => {
    tested = await TestInterpreter.start();
  });
  afterAll(() => tested.stop());

  it('is at least one definition for each page of a task, for extensions, formats, integration, and for those who come from elsewhere', () => {
    expect(new Set(examples.map(({ name }) => name)).size).toBe(15);
  });

  it.each(examples)('$name does what it says', async ({ definition, input, output }) => {
    const made = await tested.outputOf(definition, input);
    if (output !== undefined) expect(made).toEqual(output);
  });
});
