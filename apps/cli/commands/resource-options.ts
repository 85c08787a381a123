import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../../contracts/durations.js';
import { type Priority, prioritySchema } from '../../../contracts/priority.js';
import type { BrikkClient } from '../../../sdk/client.js';
import { UserError } from '../user-error.js';
import { connect, type ConnectOptions, reporting } from './connect.js';

export interface ResourceOptions extends ConnectOptions {
  output?: 'json' | 'table';
}

/** Does it and prints what came of it, as JSON or as text. */
export async function work(
  options: ResourceOptions,
  doWork: (client: BrikkClient) => Promise<{ value: unknown; text: string }>,
): Promise<void> {
  await reporting(async () => {
    const { value, text } = await doWork(connect(options));
    console.log(options.output === 'json' ? JSON.stringify(value, null, 2) : text);
  });
}

export function grantBy(text: string): 'priority' | 'market' {
  if (text === 'priority' || text === 'market') return text;
  throw new InvalidArgumentError('It must be priority or market.');
}

export function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

export function priorityOf(text: string): Priority {
  const known = prioritySchema.safeParse(text);
  if (known.success) return known.data;
  throw new InvalidArgumentError(`It must be one of ${prioritySchema.options.join(', ')}.`);
}

export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms) return ms;
  throw new UserError(`${text} is no duration; write one such as PT10M.`);
}

export function dollars(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be an amount of US dollars, such as 0.5.');
}
