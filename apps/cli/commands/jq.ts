import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Json } from '../../../contracts/json.js';
import { compile, JqError, placedMessage, run } from '../../../workflows/language/jq/index.js';
import { UserError } from '../user-error.js';
import { jqOptions, type JqOptions } from './jq-options.js';
import { indented, jsonTexts } from './json-stream.js';

/** `brikk jq '<program>' [file]`: the jq of `${ }`, with its limits, to try expressions. */
export function registerJqCommand(program: Command): void {
  program
    .command('jq [arguments...]')
    .usage("[-n] [-r] [-c] [-s] [--arg name text] [--argjson name json] '<program>' [file]")
    .description('evaluate jq as workflows do; the input is a file, or what comes in')
    .allowUnknownOption()
    .addHelpText('after', '\nExample: echo \'{"n": 3}\' | brikk jq -r \'"\\(.n) hosts"\'')
    .action((_: string[], __: unknown, command: Command) => {
      const options = jqOptions(command.args);
      const texts = evaluateAll(options, () => readFileSync(options.file ?? 0, 'utf8'));
      for (const text of texts) console.log(text);
    });
}

/** What is printed, value by value. Fails with a `UserError` that says where the program is wrong. */
export function* evaluateAll(options: JqOptions, readInput: () => string): Generator<string> {
  const { program, variables, raw, compact } = options;
  try {
    const compiled = compile(program, { variables: Object.keys(variables) });
    const print = compile('tojson');
    for (const input of inputsOf(options, readInput))
      for (const value of run(compiled, input, variables, { now: Date.now() })) {
        const [text] = run(print, value) as string[];
        yield raw && typeof value === 'string' ? value : compact ? (text ?? '') : indented(text ?? '');
      }
  } catch (error) {
    if (!(error instanceof JqError)) throw error;
    throw new UserError(`jq: ${placedMessage(error)}`, { cause: error });
  }
}

function inputsOf({ noInput, slurp, file }: JqOptions, readInput: () => string): Json[] {
  if (noInput) return [null];
  const values = jsonTexts(readText(file, readInput)).map((text): Json => {
    try {
      return JSON.parse(text) as Json;
    } catch (cause) {
      const start = text.length > 40 ? `${text.slice(0, 40)}...` : text;
      throw new UserError(`${file ?? 'The input'} is not JSON: ${start}`, { cause });
    }
  });
  return slurp ? [values] : values;
}

function readText(file: string | undefined, readInput: () => string): string {
  try {
    return readInput();
  } catch (cause) {
    throw new UserError(`${file ?? 'The input'} cannot be read; check that the file is there and readable.`, { cause });
  }
}
