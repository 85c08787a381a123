import { z } from 'zod';
import { type Json, nameSchema, type SchemaDocument, schemaDocumentSchema } from './json.js';
import type { Usage } from './usage.js';

/** Work of another agent that a model may ask for; each time it does is an agent call of the run. */
const toolSchema = z.strictObject({
  capability: nameSchema,
  agent: nameSchema.optional().describe('Name or id of the one agent that is asked.'),
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 characters of A-Z a-z 0-9 _ -')
    .optional()
    .describe("What the model calls it; the capability's name unless said."),
  description: z.string().max(4_096).optional().describe("The capability's own unless said."),
  inputSchema: schemaDocumentSchema.optional().describe("JSON Schema of an object; the capability's own unless said."),
  version: z.string().max(128).optional().describe('Semver range of the agent, such as ^1.2.0.'),
});
export type LlmTool = z.infer<typeof toolSchema>;

/** US dollars for a million tokens. */
const pricesSchema = z.strictObject({
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
  cachedInput: z.number().nonnegative().optional().describe('The price of input unless said.'),
});
export type LlmPrices = z.infer<typeof pricesSchema>;

/** What makes an agent of a language model; its endpoint is the base URL of the provider's API. */
export const llmSettingsSchema = z
  .strictObject({
    provider: z
      .enum(['openai-compatible', 'anthropic'])
      .describe('How the server is spoken to: Chat Completions (OpenAI, Ollama, vLLM …), or Messages of Anthropic.'),
    model: z.string().min(1).max(256),
    secret: nameSchema.optional().describe("Name of the secret that holds the server's key; none is sent without it."),
    system: z.string().max(65_536).default('').describe('What the agent is and how it works.'),
    tools: z.array(toolSchema).max(64).default([]),
    maxSteps: z.int().min(1).max(50).default(8).describe('How often the model may ask for tools before it answers.'),
    temperature: z.number().min(0).max(2).optional(),
    maxOutputTokens: z.int().positive().optional().describe('Of one answer of the model.'),
    jsonMode: z.boolean().default(true).describe('Whether an OpenAI-compatible server is told to answer in JSON.'),
    prices: pricesSchema.optional().describe('US dollars for a million tokens; calls cost nothing without them.'),
  })
  .refine(({ tools }) => new Set(tools.map(nameOfTool)).size === tools.length, {
    path: ['tools'],
    message: 'names of tools must be unique',
  })
  .meta({ id: 'LlmSettings' });
export type LlmSettings = z.infer<typeof llmSettingsSchema>;

/** A model takes no dots in a name. */
export function nameOfTool({ name, capability }: Pick<LlmTool, 'name' | 'capability'>): string {
  return name ?? capability.replaceAll('.', '_').slice(0, 64);
}

/** A registered model, with what is declared of its own work and of its tools. */
export interface LlmAgent {
  name: string;
  settings: LlmSettings;
  /** Size of its context. */
  contextTokens: number | null;
  contracts: { name: string; own: boolean; description?: string; inputSchema?: SchemaDocument }[];
}

/** One tool that a model asked for. */
export interface ToolCall {
  id: string;
  name: string;
  input: Json;
  /** Why it cannot be made as it was asked for. */
  malformed?: string;
}

/** A turn in which a model asked for tools, as it is kept while its call is under way. */
export interface KeptTurn {
  /** What the model said, as its next request repeats it. */
  messages: Json[];
  calls: ToolCall[];
  usage: Omit<Usage, 'calls'>;
}
