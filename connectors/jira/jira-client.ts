import { Version2Client, Version3Client } from 'jira.js';
import type { Json } from '../../contracts/json.js';
import type { ActionCall, UsedConnection } from '../lib/connector-action.js';

/** Of all requests: the SDK's HTTP client has no redirects and no time limit of its own, as `fetch` has both. */
const settingsOf = ({ connection, fetch, signal }: ActionCall<unknown>) => ({
  host: connection.baseUrl,
  baseRequestConfig: { adapter: 'fetch', env: { fetch, Request, Response }, signal, maxRedirects: 0 },
});

export const isCloud = ({ flavour }: UsedConnection): boolean => flavour !== 'dataCenter';

/** Jira by the SDK, with the credential of the connection: version 3 of the API of Cloud, version 2 of Data Center. */
export function jiraOf(call: ActionCall<unknown>): Version3Client {
  if (isCloud(call.connection)) return new Version3Client(settingsOf(call));
  // What is used of it is the same; only the types of texts are not.
  return new Version2Client(settingsOf(call)) as unknown as Version3Client;
}

/** Atlassian Document Format: a paragraph for each block of lines, with breaks inside; a document as it is. */
export function documentOf(given: Json): Json {
  if (typeof given !== 'string') return given;
  const paragraphs = given.replaceAll('\r\n', '\n').split(/\n{2,}/);
  return {
    type: 'doc',
    version: 1,
    content: paragraphs.map((paragraph) => ({ type: 'paragraph', content: linesOf(paragraph) })),
  };
}

function linesOf(paragraph: string): Json[] {
  const texts = paragraph.split('\n').map((text): Json[] => (text === '' ? [] : [{ type: 'text', text }]));
  return texts.flatMap((nodes, index): Json[] => (index === 0 ? nodes : [{ type: 'hardBreak' }, ...nodes]));
}
