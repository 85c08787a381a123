import type { Capability } from '../contracts/agents.js';
import type { Discovered, DiscoveryTask } from '../contracts/agent-discovery.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json, SchemaDocument } from '../contracts/json.js';
import type { RemoteProtocol, RemoteSettings } from '../contracts/remote-agents.js';
import { whyUnstorable } from '../connectors/lib/storable-json.js';
import { whyNoSchema } from '../connectors/lib/check-output.js';
import { offeredSkills } from './a2a-card.js';
import { offeredTools } from './mcp-agents.js';
import { type Offer, type RemoteOptions, type RemoteServer, withServer } from './remote-agents.js';

interface Offers {
  offers: Offer[];
  /** Whether the server offers no more than these. */
  isAll: boolean;
  description?: string;
}

const MAX_CAPABILITIES = 100;
const MAX_BYTES = 1_000_000;
const MAX_DESCRIPTION = 4_096;
const TIMEOUT_MS = 10_000;
const TOTAL_MS = 15_000;

const OFFERED: Record<RemoteProtocol, (server: RemoteServer, limit: number) => Promise<Offers>> = {
  mcp: offeredTools,
  a2a: offeredSkills,
};

/** Asks a server what it can do. Fails with a BrikkError `agent.*`. */
export async function discoverAgent(
  options: RemoteOptions,
  { orgId, protocol, endpoint, settings, by }: DiscoveryTask,
  signal: AbortSignal,
): Promise<Discovered> {
  const reached = { endpoint, settings, timeoutMs: TIMEOUT_MS, totalMs: TOTAL_MS, signal };
  // Those that are not wanted are read, too.
  const limit = settings.only ? MAX_CAPABILITIES * 10 : MAX_CAPABILITIES;
  const found = await withServer(options, { orgId, by }, reached, (server) => OFFERED[protocol](server, limit));
  return capabilitiesOf(found, settings);
}

function capabilitiesOf({ offers, isAll, description }: Offers, { only, prefix }: RemoteSettings): Discovered {
  const wanted = only ? offers.filter(({ name }) => only.includes(name)) : offers;
  const missing = only?.filter((name) => !offers.some((offer) => offer.name === name)) ?? [];
  if (missing.length > 0) throw unusable(`does not offer ${missing.join(', ')}`);
  if (!only && !isAll) throw unusable(`offers more than ${MAX_CAPABILITIES}: say in remote.only which are wanted`);
  if (wanted.length === 0) throw unusable('offers nothing');
  const capabilities = wanted.map((offer) => usable(offer, `${prefix}${offer.name}`));
  const names = Object.fromEntries(capabilities.map(({ name }, place) => [name, (wanted[place] as Offer).name]));
  if (Object.keys(names).length < wanted.length) throw unusable('offers two things under one name');
  const flaw = whyUnstorable(capabilities);
  if (flaw !== undefined) throw unusable(`says what cannot be kept: ${flaw}`);
  if (Buffer.byteLength(JSON.stringify(capabilities)) > MAX_BYTES)
    throw unusable('says more than 1 MB of what it offers');
  return {
    ...(description !== undefined && { description: description.slice(0, MAX_DESCRIPTION) }),
    capabilities,
    names,
  };
}

const unusable = (why: string) => new BrikkError('agent.invalid_output', `The server ${why}`);

/** With a name and schemas that we can use; a schema that cannot be compiled is no contract. */
function usable({ inputSchema, outputSchema, description, ...offer }: Offer, name: string): Capability {
  const [input, output] = [compiled(inputSchema), compiled(outputSchema)];
  return {
    ...offer,
    name: name.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 128),
    ...(description !== undefined && { description: description.slice(0, MAX_DESCRIPTION) }),
    ...(input !== undefined && { inputSchema: input }),
    ...(output !== undefined && { outputSchema: output }),
  };
}

/** Many servers name an older draft, whose words mean the same where they are used. */
function compiled(schema: SchemaDocument | undefined): SchemaDocument | undefined {
  if (schema === undefined || typeof schema === 'boolean') return schema;
  const { $schema: _draft, ...words } = schema as { [keyword: string]: Json };
  return whyNoSchema(words) === undefined ? words : undefined;
}
