import type { A2aVersion } from '../connectors/a2a/a2a-response.js';
import type { Json } from '../contracts/json.js';
import { DocumentError } from './outside-call.js';

export interface A2aServer {
  uri: string;
  /** The protocol's: 0.3, whose names of methods definitions use, when the agent offers it. */
  version: A2aVersion;
}

/**
 * Where an agent speaks JSON-RPC, by its card of A2A 1.0 or 0.3; addresses may be relative to the card. Fails with a
 * DocumentError.
 */
export function serverInCard(card: Json, from: string): A2aServer {
  const offered = interfacesOf(nodeOf(card)).flatMap(({ url, binding, version }) => {
    const known = version.startsWith('0.3') ? '0.3' : version.startsWith('1.') ? '1.0' : undefined;
    return binding.toUpperCase() === 'JSONRPC' && known ? [{ url, version: known } as const] : [];
  });
  const found = offered.find(({ version }) => version === '0.3') ?? offered[0];
  const uri = found && URL.parse(found.url, from)?.href;
  if (found && uri !== undefined) return { uri, version: found.version };
  throw new DocumentError('the agent card names no JSON-RPC interface of A2A 0.3 or 1.0');
}

interface Interface {
  url: string;
  binding: string;
  version: string;
}

function interfacesOf(card: Record<string, Json>): Interface[] {
  const own = listOf(card['supportedInterfaces']).map(nodeOf);
  if (own.length > 0)
    return own.map(({ url, protocolBinding, protocolVersion }) => ({
      url: textOf(url),
      binding: textOf(protocolBinding),
      version: textOf(protocolVersion) || '1.0',
    }));
  const version = textOf(card['protocolVersion']) || '0.3';
  const main = { url: textOf(card['url']), binding: textOf(card['preferredTransport']) || 'JSONRPC', version };
  const others = listOf(card['additionalInterfaces'])
    .map(nodeOf)
    .map(({ url, transport }) => ({ url: textOf(url), binding: textOf(transport), version }));
  return [main, ...others].filter(({ url }) => url !== '');
}

export const nodeOf = (value: Json | undefined): Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
export const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
