import type { Json } from '../../../contracts/json.js';
import { environment } from '../environment.js';
import { UserError } from '../user-error.js';

/**
 * Of the variable that is named, else of the standard input: what is an argument is kept by the history of the shell, and
 * shown in the list of processes.
 */
export async function readSecret(variable?: string): Promise<string> {
  if (variable === undefined) return readAll(process.stdin);
  const value = environment[variable];
  if (value) return value;
  throw new UserError(`${variable} is not set: it should hold the secret.`);
}

/** Text without the line break that `echo` adds. Fails with a `UserError` that does not show it. */
export function secretOf(text: string, { json = false }: { json?: boolean }): string | { [field: string]: Json } {
  const trimmed = text.replace(/\r?\n$/, '');
  if (trimmed === '')
    throw new UserError('Give the secret on the standard input: printf %s "$TOKEN" | brikk secrets put name.');
  if (!json) return trimmed;
  const value = objectIn(trimmed);
  if (value) return value;
  throw new UserError('The standard input holds no JSON object; leave --json out for plain text.');
}

/** Undefined when the text is no JSON object. */
export function objectIn(text: string): { [field: string]: Json } | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function readAll(stream: NodeJS.ReadStream): Promise<string> {
  if (stream.isTTY) process.stderr.write('The secret, ended by Ctrl-D:\n');
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += String(chunk);
  return text;
}
