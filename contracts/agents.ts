import { z } from 'zod';
import { AGENT_PROTOCOL_VERSION } from './agent-protocol.js';
import { retrySchema, timeoutSchema } from './calls.js';
import { clientCertificateSchema } from './connection-name.js';
import { jsonSchema, labelsSchema, nameSchema, schemaDocumentSchema, versionSchema } from './json.js';
import { type LlmSettings, llmSettingsSchema } from './llm-agents.js';
import { discoverySchema, type RemoteProtocol, type RemoteSettings, remoteSettingsSchema } from './remote-agents.js';

/** How an agent is spoken to: in Brikk's own protocol, as a model by its provider's, or as the server that it is. */
export const agentProtocolSchema = z.enum(['http', 'llm', 'mcp', 'a2a']).meta({ id: 'AgentProtocol' });
export type AgentProtocol = z.infer<typeof agentProtocolSchema>;

export const INSTANCE_STATES = ['idle', 'initializing', 'ready', 'working', 'recovering', 'shutdown'] as const;
export const instanceStateSchema = z.enum(INSTANCE_STATES).meta({ id: 'InstanceState' });
export type InstanceState = z.infer<typeof instanceStateSchema>;

/** One service of an agent, with its own contract and statistics. */
export const capabilitySchema = z
  .strictObject({
    name: nameSchema,
    version: versionSchema.optional(),
    type: z.enum(['browser', 'llm', 'state', 'orchestration', 'tool', 'human']).optional(),
    description: z.string().max(4_096).optional(),
    inputSchema: schemaDocumentSchema.optional(),
    outputSchema: schemaDocumentSchema.optional(),
    inputTypes: z.array(z.string().max(128)).max(32).optional(),
    outputTypes: z.array(z.string().max(128)).max(32).optional(),
    cost: z.strictObject({ usd: z.number().nonnegative() }).optional(),
    tags: z.array(nameSchema).max(32).optional(),
    specialization: z.array(nameSchema).max(32).optional(),
  })
  .meta({ id: 'Capability' });
export type Capability = z.infer<typeof capabilitySchema>;

const DEFAULT_TTL_SECONDS = 30;

/** `POST /v1/agents`. The same name, version and endpoint again renews the same instance. */
export const registerAgentSchema = z
  .strictObject({
    name: nameSchema,
    description: z.string().max(4_096).optional(),
    version: versionSchema,
    protocol: agentProtocolSchema,
    endpoint: z
      .url({ protocol: /^https?$/ })
      .max(2_048)
      .describe(
        "Of a model, the base URL of its provider's API; of an MCP server, its Streamable HTTP endpoint; of an A2A agent, its card.",
      ),
    llm: llmSettingsSchema.optional().describe('With the protocol llm.'),
    remote: remoteSettingsSchema.optional().describe('With the protocols mcp and a2a: how the server is asked.'),
    clientCertificate: clientCertificateSchema
      .optional()
      .describe(
        'With the protocol http: the name of a connection with the credential mtls, whose certificate is shown to the agent.',
      ),
    capabilities: z
      .array(capabilitySchema)
      .max(100)
      .default([])
      .describe('At least one; none with the protocols mcp and a2a, whose servers say themselves what they can do.'),
    region: nameSchema.optional(),
    role: z.enum(['worker', 'coordinator', 'monitor', 'gateway']).default('worker'),
    maxConcurrency: z.int().min(1).max(10_000).default(4),
    ttlSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .optional()
      .describe('0 = never expires. 30 unless said; 0 for models and servers, which send no heartbeats.'),
    standby: z
      .boolean()
      .default(false)
      .describe('Registered, and given no call: a warm backup of a pool, which the pool wakes.'),
    defaults: z.strictObject({ timeout: timeoutSchema.optional(), retry: retrySchema.optional() }).optional(),
    limits: z
      .strictObject({
        requestsPerMinute: z.int().positive().optional(),
        contextTokens: z.int().positive().optional(),
        memoryBytes: z.int().positive().optional(),
        cpu: z.number().positive().optional(),
        adaptive: z
          .boolean()
          .optional()
          .describe('Fewer calls at once than maxConcurrency while answers are slower than usual.'),
      })
      .optional(),
    protocolVersions: z.array(z.int().positive()).min(1).max(16).default([AGENT_PROTOCOL_VERSION]),
    labels: labelsSchema.default({}),
  })
  .refine(({ capabilities }) => new Set(capabilities.map(({ name }) => name)).size === capabilities.length, {
    path: ['capabilities'],
    message: 'capability names must be unique',
  })
  .refine(({ protocol, llm }) => (protocol === 'llm') === (llm !== undefined), {
    path: ['llm'],
    message: 'is there with the protocol llm, and only then',
  })
  .refine(({ protocol, remote }) => isRemote(protocol) || remote === undefined, {
    path: ['remote'],
    message: 'is there with the protocols mcp and a2a only',
  })
  .refine(({ protocol, clientCertificate }) => protocol === 'http' || clientCertificate === undefined, {
    path: ['clientCertificate'],
    message: 'is there with the protocol http only',
  })
  .refine(({ protocol, capabilities }) => isRemote(protocol) || capabilities.length > 0, {
    path: ['capabilities'],
    message: 'must be at least one',
  })
  .refine(({ protocol, capabilities }) => !isRemote(protocol) || capabilities.length === 0, {
    path: ['capabilities'],
    message: 'are what the server says itself, with the protocols mcp and a2a',
  })
  .refine(asksOthersOnly, { path: ['llm', 'tools'], message: "must not be the agent's own work" })
  .transform(({ ttlSeconds, ...agent }) => ({
    ...agent,
    ...(isRemote(agent.protocol) && { remote: agent.remote ?? remoteSettingsSchema.parse({}) }),
    ttlSeconds: ttlSeconds ?? (agent.protocol === 'http' ? DEFAULT_TTL_SECONDS : 0),
  }))
  .meta({ id: 'RegisterAgent' });
export type RegisterAgent = z.infer<typeof registerAgentSchema>;

/** Whether the agent is a server that says itself what it can do. */
export const isRemote = (protocol: AgentProtocol): protocol is AgentProtocol & RemoteProtocol =>
  protocol === 'mcp' || protocol === 'a2a';

/** What only agents of its protocol have. */
export const settingsOf = ({
  llm,
  remote,
}: Pick<RegisterAgent, 'llm' | 'remote'>): LlmSettings | RemoteSettings | undefined => llm ?? remote;

function asksOthersOnly({ name, llm, capabilities }: { name: string; llm?: LlmSettings; capabilities: Capability[] }) {
  const own = new Set(capabilities.map((capability) => capability.name));
  return !llm?.tools.some(({ capability, agent = name }) => agent === name && own.has(capability));
}

const leaseSchema = z.object({ expiresAt: z.string().nullable() }).describe('null: never expires');

/** `signingSecret` comes with every registration, but not with a repeat under the same idempotency key. */
export const registeredAgentSchema = z
  .object({
    id: z.string(),
    instanceId: z.string(),
    state: instanceStateSchema,
    lease: leaseSchema,
    signingSecret: z.string().optional(),
  })
  .meta({ id: 'RegisteredAgent' });
export type RegisteredAgent = z.infer<typeof registeredAgentSchema>;

export const heartbeatSchema = z
  .strictObject({
    load: z.number().min(0).max(1).optional(),
    inFlight: z.int().nonnegative().optional(),
    draining: z.boolean().optional(),
    health: z
      .strictObject({
        cpu: z.number().nonnegative().optional(),
        memoryBytes: z.number().nonnegative().optional(),
        queueSize: z.number().nonnegative().optional(),
        errorRate: z.number().min(0).max(1).optional(),
      })
      .optional(),
  })
  .meta({ id: 'Heartbeat' });
/** What an instance says of itself: `load` from 0 to 1, `cpu` in cores, `errorRate` from 0 to 1. */
export type Heartbeat = z.infer<typeof heartbeatSchema>;
export const heartbeatAnswerSchema = z.object({ lease: leaseSchema }).meta({ id: 'HeartbeatAnswer' });
/** Until when the instance may be given calls. */
export type HeartbeatAnswer = z.infer<typeof heartbeatAnswerSchema>;

/** What the calls of a capability taught. */
const measuredShape = {
  capability: z.string(),
  calls: z.int(),
  successRate: z.number().nullable(),
  latencyMs: z.object({ ewma: z.number(), p50: z.number(), p95: z.number() }).nullable(),
  costUsd: z.number(),
  tokens: z.int().describe('As answers reported them.'),
};

const breakerStateSchema = z.enum(['closed', 'open', 'half-open']);

export const instanceSchema = z
  .object({
    id: z.string(),
    endpoint: z.string(),
    state: instanceStateSchema,
    draining: z.boolean(),
    maxConcurrency: z.int(),
    inFlight: z.int(),
    load: z.number().nullable(),
    breaker: breakerStateSchema,
    lease: leaseSchema,
    heartbeatAgeMs: z.number().nullable().describe('Since it was last heard from; null where it sends no heartbeats.'),
    registeredAt: z.string(),
    upMs: z.int().nullable().describe('For so long its lease has not ended; null: it has.'),
    statistics: z.array(
      z.object({
        ...measuredShape,
        breaker: breakerStateSchema.describe('Of this capability alone, where the agent has several.'),
      }),
    ),
  })
  .meta({ id: 'AgentInstance' });
export type AgentInstance = z.infer<typeof instanceSchema>;

export const agentSummarySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    version: z.string(),
    description: z.string().nullable(),
    protocol: agentProtocolSchema,
    role: z.string(),
    state: instanceStateSchema,
    capabilities: z.array(z.string()),
    instances: z.int(),
    labels: labelsSchema,
  })
  .meta({ id: 'AgentSummary' });
/** An agent as lists show it. */
export type AgentSummary = z.infer<typeof agentSummarySchema>;

/** Statistics of one capability; null until it has been called. */
export const capabilityStatSchema = z.object({
  ...measuredShape,
  reputation: z.number().nullable().describe('0 to 1, discounted mean of feedback; null without any.'),
});
export const agentSchema = agentSummarySchema
  .extend({
    capabilities: z.array(capabilitySchema),
    instances: z.array(instanceSchema),
    statistics: z.array(capabilityStatSchema),
    region: z.string().nullable(),
    limits: jsonSchema,
    llm: llmSettingsSchema.optional(),
    remote: remoteSettingsSchema.optional(),
    clientCertificate: z.string().optional().describe('The connection whose certificate is shown to it.'),
    discovery: discoverySchema.optional().describe('When the server was asked last what it can do.'),
    createdAt: z.string(),
  })
  .meta({ id: 'Agent' });
/** An agent with its instances and what their calls taught. */
export type Agent = z.infer<typeof agentSchema>;
