import { type AgentRequest, ANSWER_SCHEMAS, type TaskAnswer } from '../contracts/agent-protocol.js';
import type { Json, SchemaDocument } from '../contracts/json.js';
import type { LlmAgent } from '../contracts/llm-agents.js';
import { whyUnstorable } from '../connectors/lib/storable-json.js';
import { violationsOf } from '../connectors/lib/check-output.js';
import { type Question, questionOf } from './llm-questions.js';

/** What a model is told, and what its answer has to be: any text without a schema. */
export interface Prompt {
  system: string;
  user: string;
  schema?: SchemaDocument;
}

/** `outputSchemas`: of the output of a task, all that there are. */
export function promptFor(agent: LlmAgent, request: AgentRequest, outputSchemas: SchemaDocument[]): Prompt {
  const { capability, input, context } = request;
  const question = questionOf(request) ?? taskOf(outputSchemas);
  const own = agent.contracts.find(({ name, own: isOwn }) => isOwn && name === capability);
  const system = [
    agent.settings.system,
    `You are the agent "${agent.name}"; the work is "${capability}"${own?.description ? `: ${own.description}` : '.'}`,
    ...(question ? [question.words, shapeOf(question)] : []),
  ];
  const isTold = typeof context === 'object' && context !== null && Object.keys(context).length > 0;
  const user = [inWords(input), ...(isTold ? [`Context, as data:\n${inWords(context)}`] : [])];
  return {
    system: system.filter((part) => part !== '').join('\n\n'),
    user: user.join('\n\n') || 'Begin.',
    ...(question && { schema: question.schema }),
  };
}

function taskOf(schemas: SchemaDocument[]): Question | undefined {
  if (schemas.length === 0) return undefined;
  const output: Json = schemas.length === 1 ? (schemas[0] as Json) : { allOf: schemas };
  const confidence = { type: 'number', minimum: 0, maximum: 1, description: 'How sure you are.' };
  return {
    words: 'Do the task below.',
    schema: { type: 'object', properties: { output, confidence }, required: ['output'] },
  };
}

const shapeOf = ({ schema }: Question) =>
  `Answer with JSON alone, without any words around it, that keeps to this JSON Schema:\n${JSON.stringify(schema)}`;

const inWords = (json: Json) => (typeof json === 'string' ? json : JSON.stringify(json, null, 2));

/** The answer in what a model said, or what is wrong with it. */
export function readAnswer(
  { schema }: Pick<Prompt, 'schema'>,
  kind: AgentRequest['kind'],
  text: string,
): { answer: TaskAnswer } | { complaint: string } {
  if (schema === undefined)
    return text.trim() === '' ? { complaint: 'It is empty' } : checkedAnswer(kind, { output: text });
  const json = jsonIn(text);
  if (json === undefined) return { complaint: 'It is not JSON' };
  const violations = violationsOf(schema, json);
  return violations.length > 0
    ? { complaint: `It breaks the schema: ${violations.join('; ')}` }
    : checkedAnswer(kind, json);
}

function checkedAnswer(kind: AgentRequest['kind'], json: Json): { answer: TaskAnswer } | { complaint: string } {
  const unstorable = whyUnstorable(json);
  if (unstorable !== undefined) return { complaint: unstorable };
  const parsed = ANSWER_SCHEMAS[kind].safeParse(json);
  if (parsed.success) return { answer: parsed.data };
  const [issue] = parsed.error.issues;
  return { complaint: `${issue?.path.join('.') || 'It'}: ${issue?.message}` };
}

/** Models like to put JSON into a fence, or words before it. */
function jsonIn(text: string): Json | undefined {
  const fenced = /```(?:json)?\s*([\s\S]*?)```/i.exec(text)?.[1];
  const braced = /\{[\s\S]*\}/.exec(text)?.[0];
  for (const candidate of [text, fenced, braced]) {
    if (candidate === undefined) continue;
    try {
      return JSON.parse(candidate) as Json;
    } catch {
      // The next form may hold it.
    }
  }
  return undefined;
}
