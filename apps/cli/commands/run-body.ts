import { existsSync } from 'node:fs';
import { PATTERNS } from '../../../contracts/patterns.js';
import type { StartBulkInput, StartRunInput } from '../../../sdk/client.js';
import { UserError } from '../user-error.js';
import { jsonArgument, linesArgument, readDocument } from './json-argument.js';

export interface RunOptions {
  with?: string;
  input?: string;
  budget?: string;
  inputs?: string;
  maxConcurrency?: number;
  label?: string[];
}

/** The body of a start: a pattern's name with `--with`, a workflow's name, or a file that
 * holds the body or a definition; options win over the file. */
export function runBody(patternOrFile: string, options: RunOptions): StartRunInput | StartBulkInput {
  const body = baseOf(patternOrFile);
  if (options.with !== undefined) body.with = jsonArgument('--with', options.with);
  if (options.input !== undefined) body.input = jsonArgument('--input', options.input);
  if (options.inputs !== undefined) body.inputs = linesArgument('--inputs', options.inputs);
  if (options.maxConcurrency !== undefined) body.maxConcurrency = options.maxConcurrency;
  if (options.budget !== undefined) body.budget = jsonArgument('--budget', options.budget);
  if (options.label) body.labels = { ...(body.labels as object | undefined), ...labelsOf(options.label) };
  // The API checks the body and names every violation; a second check here could only disagree with it.
  return body as unknown as StartRunInput | StartBulkInput;
}

export const isBulk = (body: StartRunInput | StartBulkInput): body is StartBulkInput => 'inputs' in body;

function baseOf(patternOrFile: string): Record<string, unknown> {
  if ((PATTERNS as readonly string[]).includes(patternOrFile)) return { pattern: patternOrFile, with: {} };
  if (!existsSync(patternOrFile) && WORKFLOW.test(patternOrFile)) return { workflow: patternOrFile };
  if (!existsSync(patternOrFile) && !/[./\\]/.test(patternOrFile))
    throw new UserError(`${patternOrFile} is neither a file nor a pattern; patterns: ${PATTERNS.join(', ')}.`);
  const body = readDocument(patternOrFile);
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return 'document' in body && 'do' in body ? { definition: body } : { ...body };
  throw new UserError(`${patternOrFile} must hold an object such as {pattern, with, input}.`);
}

/** `namespace/name`, or with a version. */
const WORKFLOW = /^[A-Za-z0-9-]+\/[A-Za-z0-9-]+(:[0-9A-Za-z.+-]+)?$/;

function labelsOf(pairs: string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new UserError(`--label ${pair} is not key=value.`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
