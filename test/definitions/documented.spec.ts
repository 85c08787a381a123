import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { drawn } from '../../apps/cli/commands/graph.js';
import { evaluateAll } from '../../apps/cli/commands/jq.js';
import { jqOptions } from '../../apps/cli/commands/jq-options.js';
import { checkFile, report } from '../../apps/cli/commands/validate.js';

const FOLDER = 'docs/language';
const pages = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: readFileSync(`${FOLDER}/${name}`, 'utf8') }));

/** Blocks of a page in their order, each with the line before it. */
const blocksOf = (text: string) =>
  [...text.matchAll(/(.*)\n+```(\w+)\n([^]*?)```/g)].map(([, before = '', kind = '', body = '']) => ({
    before,
    kind,
    body,
  }));
/** Files that a page shows: a block below a line such as `flow.yaml`: */
const filesOf = (text: string) =>
  new Map(
    blocksOf(text).flatMap(({ before, body }) => {
      const [, name] = /^`([\w.-]+)`(?:, .*)?:$/.exec(before) ?? [];
      return name === undefined ? [] : [[name, body] as const];
    }),
  );
/** Commands and what they print. */
const commandsOf = (text: string) =>
  blocksOf(text)
    .filter(({ kind }) => kind === 'console')
    .flatMap(({ body }) => body.split(/^\$ /m).slice(1))
    .map((command) => {
      const [line = '', ...printed] = command.trimEnd().split('\n');
      return { line, printed: printed.join('\n') };
    });
const wordsOf = (line: string) =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

describe('the pages about the language', () => {
  const commands = pages.flatMap(({ name, text }) =>
    commandsOf(text).map((command) => ({ ...command, name, files: filesOf(text) })),
  );

  it.each(commands)('tell what $line prints', ({ line, printed, files }) => {
    const [, input = '', tool, rest = ''] = /^(?:echo '(.*)' \| )?npx brikk (\w+) (.*)$/.exec(line) ?? [];
    const words = wordsOf(rest);
    if (tool === 'jq') expect([...evaluateAll(jqOptions(words), () => input)].join('\n')).toBe(printed);
    else if (tool === 'graph') expect(drawn(rest, files.get(rest) ?? '', 'mermaid')).toBe(printed);
    else {
      expect(tool).toBe('validate');
      expect(report(words.map((file) => checkFile(file, files.get(file) ?? '')))).toBe(printed);
    }
  });

  const documents = pages.flatMap(({ name, text }) =>
    blocksOf(text)
      .filter(
        ({ before, kind, body }) => kind === 'yaml' && body.startsWith('document:') && !before.startsWith('`wrong'),
      )
      .map(({ body }, index) => ({ name, index, body })),
  );
  it.each(documents)('show a definition that is valid: $name $index', ({ name, body }) => {
    expect(checkFile(name, body)).toMatchObject({ valid: true, errors: [] });
  });

  it('show the builder as the example has it, which is the YAML beside it', () => {
    const example = readFileSync('examples/definitions/incident.ts', 'utf8');
    const [block] = blocksOf(readFileSync(`${FOLDER}/typescript.md`, 'utf8')).filter(({ kind }) => kind === 'ts');
    expect(block?.body).toBe(example.replace("'../../sdk/client.js'", "'brikk/client'"));
  });

  it('show the definition of everything as the example has it', () => {
    const shown = filesOf(readFileSync(`${FOLDER}/reference.md`, 'utf8')).get('incident.yaml');
    expect(shown).toBe(readFileSync('examples/definitions/reference.yaml', 'utf8'));
  });
});
