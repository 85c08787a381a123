import { parse as parseYaml } from 'yaml';
import { type WebConnector, WebFailure } from '../connectors/web/web.connector.js';
import type { Json } from '../contracts/json.js';
import type { OutsideCall } from '../contracts/language-activities.js';
import type { CallError } from '../contracts/runs.js';
import { fieldsOf, PartError, readParts } from './call-parts.js';
import { type Credentials, credentialsOf, sendAs } from './credentials.js';
import type { Payloads, SecretReader } from './dependencies.js';
import { hiding, hidingEchoes } from './hide-secrets.js';
import { AuthenticationError, type OAuthTokens } from './oauth-tokens.js';

/** `degraded`: something stood in for who should have done it. */
export type Outcome = { output: Json; degraded?: true } | { error: CallError };

export interface OutsideOptions {
  web: Pick<WebConnector, 'request' | 'open'>;
  tokens: OAuthTokens;
  payloads: Payloads;
  secrets: SecretReader;
}

/** A call with its parts read. */
export interface Prepared {
  web: OutsideOptions['web'];
  payloads: Payloads;
  /** What the request is filled with. */
  parts: Json;
  credentials: Credentials;
  timeoutMs: number;
  signal: AbortSignal;
  /** The text without what is secret in the call. */
  hide: (text: string) => string;
  /** The text of a document, by the policy that the call has for it. Fails with a DocumentError. */
  fetchDocument: (uri: string) => Promise<string>;
}

/** A document of the server is not there, cannot be read, or does not say how to make the call. */
export class DocumentError extends Error {}

/** A document that says nothing that could be done, or what cannot be done here: the definition has to change. */
export class UnusableDocument extends Error {}

/** The server was reached and says that the method failed, or a message breaks its schema. */
export class ServerError extends Error {
  constructor(
    readonly code: 'server.failed' | 'validation.failed' | `http.${number}` | `grpc.${number}`,
    message: string,
  ) {
    super(message);
    this.name = 'ServerError';
  }
}

/** Reads the parts of a call, makes it, and gives its failures their codes. */
export async function makeOutsideCall<Call extends OutsideCall<unknown>>(
  options: OutsideOptions,
  call: Call,
  signal: AbortSignal,
  make: (call: Call, prepared: Prepared) => Promise<Outcome>,
): Promise<Outcome> {
  let hide = (text: string) => text;
  try {
    const { timeoutMs, orgId } = call;
    const { web, tokens, payloads } = options;
    const asking = { orgId, timeoutMs, signal };
    const read = await readParts(options, call);
    ({ hide } = read);
    const credentials = await credentialsOf(tokens, read.authentication, asking);
    const hideAlso = hiding(credentials.secrets);
    hide = (text) => hideAlso(read.hide(text));
    const parts = await read.requestWith(credentials.description);
    const fetchDocument = async (uri: string) => {
      const asker = await credentialsOf(tokens, read.document, asking);
      return fetchText(web, asker, uri, asking);
    };
    const prepared = { web, payloads, parts, credentials, timeoutMs, signal, hide, fetchDocument };
    const outcome = await make(withNamed(call, parts), prepared);
    if ('error' in outcome) return outcome;
    return { ...outcome, output: hidingEchoes([...read.opened, ...credentials.secrets])(outcome.output) };
  } catch (error) {
    if (error instanceof PartError || error instanceof AuthenticationError || error instanceof ServerError)
      return failed(error.code, hide(error.message));
    if (error instanceof UnusableDocument) return failed('document.unusable', hide(error.message));
    if (error instanceof DocumentError) return failed('http.invalid', hide(error.message));
    if (!(error instanceof WebFailure) || error.kind === 'canceled') throw error;
    return failed(`http.${error.kind}`, hide(error.message));
  }
}

/** Fields of the request that are expressions come among its parts. */
function withNamed<Call extends OutsideCall<unknown>>(call: Call, parts: Json): Call {
  const request = call.request as Record<string, Json>;
  const { named = {} } = fieldsOf(parts, 'the request');
  for (const [field, value] of Object.entries(fieldsOf(named, 'the request')))
    if (typeof value !== typeof request[field]) throw new PartError('expression.failed', `${field} must be text`);
  return { ...call, request: { ...request, ...(named as object) } };
}

async function fetchText(
  web: OutsideOptions['web'],
  credentials: Credentials,
  uri: string,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<string> {
  const answer = await sendAs(credentials, { method: 'get', uri }, (authorization) => {
    const headers = { accept: '*/*', ...(authorization === undefined ? {} : { authorization }) };
    return web.request({ method: 'get', uri, headers, timeoutMs, signal });
  });
  if (answer.status !== 200)
    throw new DocumentError(`the document of ${hostOf(uri)} is not there: it answered ${answer.status}`);
  return answer.bytes.toString('utf8');
}

/** JSON or YAML. Fails with a DocumentError. */
export function parseDocument(text: string): Json {
  try {
    return parseYaml(text, { maxAliasCount: 100 }) as Json;
  } catch (cause) {
    throw new DocumentError('the document is neither JSON nor YAML', { cause });
  }
}

export const failed = (code: string, message: string): Outcome => ({
  error: {
    code,
    message,
    retryable: code === 'http.unreachable' || code === 'http.timeout' || /^(?:http|grpc)\.5/.test(code),
  },
});

export const hostOf = (uri: string): string => URL.parse(uri)?.host ?? 'the endpoint';
