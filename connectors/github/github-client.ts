import { Octokit } from '@octokit/rest';
import type { ActionCall } from '../lib/connector-action.js';
import { effectMark } from '../lib/effect-mark.js';

const nobody = () => undefined;
const SILENT = { debug: nobody, info: nobody, warn: nobody, error: nobody };
/** How far clocks may differ. */
const SKEW_MS = 300_000;

/** GitHub by its own SDK, without the plug-ins that repeat requests or wait for limits. */
export function githubOf({ connection, fetch, signal }: ActionCall<unknown>): Octokit {
  return new Octokit({ baseUrl: connection.baseUrl, request: { fetch, signal }, log: SILENT });
}

export function repositoryOf({ repo: name }: { repo: string }): { owner: string; repo: string } {
  const [owner = '', repo = ''] = name.split('/');
  return { owner, repo };
}

/** A comment of HTML, which nobody sees and by which a text is found again. */
export const hiddenMark = (key: string): string => `<!-- brikk:${effectMark(key)} -->`;

export const marked = (body: string, key: string): string => `${body}${body === '' ? '' : '\n\n'}${hiddenMark(key)}`;

/** Since when something that was made in this call can be there. */
export const earliest = ({ startedAt }: ActionCall<unknown>): string =>
  new Date(startedAt.getTime() - SKEW_MS).toISOString();

/** The first that fits of a list in pages, `maxPages` at most. */
export async function firstOf<T>(
  pages: AsyncIterable<{ data: T[] }>,
  fits: (item: T) => boolean,
  maxPages = 10,
): Promise<T | undefined> {
  let page = 0;
  for await (const { data } of pages) {
    const found = data.find(fits);
    page += 1;
    if (found !== undefined || page >= maxPages) return found;
  }
  return undefined;
}
