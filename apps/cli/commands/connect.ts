import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { BrikkApiError, BrikkClient } from '../../../sdk/client.js';
import { environment } from '../environment.js';
import { readHome } from '../up/settings.js';
import { readState } from '../up/state-file.js';
import { findSupervisor } from '../up/supervisor-lock.js';
import { UserError } from '../user-error.js';

export interface ConnectOptions {
  apiUrl?: string;
  apiKey?: string;
}

/** Adds what every command that talks to the API takes. */
export function withApi(command: Command): Command {
  return command
    .option('--api-url <url>', 'address of the API (BRIKK_API_URL, else that of the Brikk of BRIKK_HOME)')
    .option('--api-key <key>', 'API key (BRIKK_API_KEY, else the developer key of BRIKK_HOME)');
}

export const withOutput = (command: Command): Command =>
  command.option('-o, --output <format>', 'table or json', (value) => {
    if (value === 'json' || value === 'table') return value;
    throw new UserError(`-o ${value} is not known; allowed: table, json.`);
  });

/**
 * A client with the address and key of the options, the environment, or the data folder: a Brikk started from it may
 * listen on another port than the usual one, because that was taken. The developer key never leaves this machine: for
 * another host fails with a `UserError` unless a key is given.
 */
export function connect({ apiUrl, apiKey }: ConnectOptions, settings = environment): BrikkClient {
  const home = readHome(settings);
  const url = readUrl('--api-url', apiUrl) ?? readUrl('BRIKK_API_URL', settings['BRIKK_API_URL']) ?? apiUrlOf(home);
  const given = apiKey ?? (settings['BRIKK_API_KEY'] || undefined);
  if (given === undefined && url !== undefined && !isThisMachine(url))
    throw new UserError(
      `No key for ${new URL(url).host}: give one with --api-key or BRIKK_API_KEY (the developer key is for this machine only).`,
    );
  return new BrikkClient({ url, apiKey: given ?? developerKey(home), retry: { maxAttempts: 4 } });
}

function readUrl(name: string, text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new UserError(`${name} is "${text}": it must be an address such as http://127.0.0.1:7600.`);
  return text;
}

function isThisMachine(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

/** Undefined when no Brikk runs on the data folder: the client then takes the usual address. */
function apiUrlOf(home: string): string | undefined {
  return (findSupervisor(home) && readState(home)?.status.api.url) || undefined;
}

function developerKey(home: string): string | undefined {
  try {
    return readFileSync(path.join(home, 'dev-key'), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Runs a command; whatever the API refuses becomes one clear sentence, its violations below, and exit code 1. */
export async function reporting(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof BrikkApiError)) throw error;
    throw new UserError(explain(error), { cause: error });
  }
}

export function explain({ code, message, violations }: BrikkApiError): string {
  if (code === 'client.unreachable')
    return `${message}; start Brikk with \`npm start\`, or say where it is with --api-url.`;
  if (code === 'auth.missing')
    return `${message}; give a key with --api-key or BRIKK_API_KEY, or run this where the .brikk folder is.`;
  return [`${message} (${code})`, ...violations.map(violationLine)].join('\n');
}

function violationLine({ path: where, message, allowed, didYouMean }: BrikkApiError['violations'][number]): string {
  const choices = (Array.isArray(allowed) ? allowed : [allowed]).map((one) =>
    typeof one === 'string' ? one : JSON.stringify(one),
  );
  const choice = allowed === undefined ? '' : `; allowed: ${choices.join(', ')}`;
  return `  ${where || 'body'}: ${message}${choice}${didYouMean ? `; did you mean ${didYouMean}?` : ''}`;
}
