import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { allParameters, functionCatalogue } from '../../../contracts/function-schemas.js';
import { checkDefinition, type CheckedDefinition } from '../../../workflows/language/checker/check-definition.js';
import { editorSchema } from '../../../workflows/language/checker/editor-schema.js';
import { formatProblem } from '../../../workflows/language/checker/problem.js';
import { UserError } from '../user-error.js';
import { withOutput } from './connect.js';
import { isRange } from '../../../selection/semver-range.js';

interface Checked extends Omit<CheckedDefinition, 'definition'> {
  file: string;
}

/** `brikk validate file…` and `brikk schema`; neither needs a Brikk that runs. */
export function registerValidateCommands(program: Command): void {
  withOutput(
    program
      .command('validate <file...>')
      .description('say what is wrong with workflow definitions, JSON or YAML; - is what comes in'),
  ).action((files: string[], { output }: { output?: 'json' | 'table' }) => {
    const checked = files.map((file) => checkFile(file, readText(file)));
    console.log(output === 'json' ? JSON.stringify(checked, null, 2) : report(checked));
    if (checked.some(({ valid }) => !valid)) process.exitCode = 1;
  });
  program
    .command('schema')
    .description('the JSON Schema of workflow definitions, for editors')
    .action(() => console.log(JSON.stringify(editorSchema(allParameters()), null, 2)));
}

export function checkFile(file: string, text: string): Checked {
  const { valid, errors, warnings } = checkDefinition(text, {
    functions: functionCatalogue(),
    isVersionRange: isRange,
  });
  return { file: file === '-' ? 'stdin' : file, valid, errors, warnings };
}

/** A line a problem, as compilers write them, so that editors and terminals lead there. */
export function report(checked: readonly Checked[]): string {
  const lines = checked.flatMap(({ file, errors, warnings }) => [
    ...errors.map((problem) => formatProblem(file, problem)),
    ...warnings.map((problem) => `${formatProblem(file, problem)} (warning)`),
  ]);
  const wrong = checked.filter(({ valid }) => !valid).length;
  const count = (n: number) => (n === 1 ? '1 file' : `${n} files`);
  const all = count(checked.length);
  const said = wrong === 0 ? `${all} valid.` : `${wrong === checked.length ? '' : `${wrong} of `}${all} not valid.`;
  return [...lines, said].join('\n');
}

export function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    throw new UserError(`${file} cannot be read; check that the file is there and readable.`, { cause });
  }
}
