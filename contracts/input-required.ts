import { z } from 'zod';
import { BrikkError } from './errors.js';
import { type SchemaDocument, schemaDocumentSchema } from './json.js';
import type { Usage } from './usage.js';

/** What an agent has to know before it can go on. */
const questionSchema = z.object({
  question: z.string().min(1).max(4_096),
  schema: schemaDocumentSchema.optional().describe('JSON Schema of the answer.'),
});
export interface AgentQuestion {
  question: string;
  schema?: SchemaDocument;
}

/** With who asked it. */
export const askedSchema = questionSchema.extend({ agentId: z.string().optional() });

/** Instead of an answer, whatever the agent was asked for: a person answers, and the agent is asked again with that. */
export const inputRequiredSchema = z.object({ inputRequired: questionSchema }).meta({ id: 'InputRequired' });

/** The agent cannot go on before somebody answers its question. */
export class InputRequired extends BrikkError {
  constructor(
    readonly asked: AgentQuestion,
    usage?: Omit<Usage, 'calls'>,
  ) {
    super('agent.input_required', `The agent asks: ${asked.question.slice(0, 300)}`, { usage });
  }
}
