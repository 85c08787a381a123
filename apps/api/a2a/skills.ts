import { BrikkError } from '../../../contracts/errors.js';
import { FUNCTIONS } from '../../../contracts/functions.js';
import { type Json, nameSchema } from '../../../contracts/json.js';
import { PATTERNS } from '../../../contracts/patterns.js';
import { type StartBody, startBodySchema } from '../../../contracts/start-run.js';
import type { OfferedWork } from '../../../database/a2a-tasks.repository.js';
import { invalidField } from '../common/invalid-field.js';
import { parse } from '../common/schema.pipe.js';

/** What outside clients may ask for; `id` is one segment of a path. */
export interface Skill {
  id: string;
  name: string;
  description: string;
  tags: string[];
}

/** The same for every organisation. */
export const PATTERN_SKILLS: readonly Skill[] = PATTERNS.map((name) => ({
  id: `pattern.${name}`,
  name,
  description: `${FUNCTIONS[name].description} The data is {"with": parameters, "input": …}.`,
  tags: ['pattern'],
}));

/** What an organisation has published and registered. */
export const skillsOf = ({ workflows, capabilities }: OfferedWork): Skill[] => [
  ...workflows.map(({ namespace, name, title, summary }) => ({
    id: `workflow.${namespace}.${name}`,
    name: title ?? name,
    description: summary ?? `The workflow ${namespace}/${name}.`,
    tags: ['workflow', namespace],
  })),
  ...capabilities.map(({ name, description }) => ({
    id: `capability.${name}`,
    name,
    description: description ?? `One call of an agent with the capability ${name}.`,
    tags: ['capability'],
  })),
];

/** What one agent can do, asked of this agent and no other. */
export const skillsOfAgent = (
  agent: string,
  capabilities: readonly { name: string; description?: string | null }[],
): Skill[] =>
  capabilities.map(({ name, description }) => ({
    id: `agent.${agent}:${name}`,
    name,
    description: description ?? `One call of the capability ${name} of ${agent}.`,
    tags: ['agent', agent],
  }));

/** The agent of whom a skill is asked; undefined when it is not asked of one. */
export const agentOfSkill = (id: string): string | undefined => SKILL.exec(id)?.[3];

/** Names of workflows hold no point, those of agents and capabilities may; none holds a colon. */
const SKILL = /^(?:workflow\.([^.]+)\.([^.]+)|agent\.([^:]+):([^:]+)|capability\.(.+)|pattern\.(.+))$/;
const FORMS = ['workflow.<namespace>.<name>', 'agent.<name>:<capability>', 'capability.<name>', 'pattern.<name>'];

/** The run that a skill starts. Fails `request.invalid`, naming the skill or what of the data it cannot take. */
export function startOfSkill(id: string, input: Json): StartBody {
  const [, namespace, name, agent, ofAgent, capability, pattern] = SKILL.exec(id) ?? [];
  const isName = (text: string) => nameSchema.safeParse(text).success;
  const call = (target: object) => parse(startBodySchema, { pattern: 'agent', with: target, input }, 'body');
  if (namespace !== undefined) return parse(startBodySchema, { workflow: `${namespace}/${name}`, input }, 'body');
  if (agent !== undefined && ofAgent !== undefined && isName(agent) && isName(ofAgent))
    return call({ agent, capability: ofAgent });
  if (capability !== undefined && isName(capability)) return call({ capability });
  if (pattern === undefined) throw unknownSkill();
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw invalidField('message.parts', `must hold one part of data, {"with": …, "input": …}, for ${id}`);
  return parse(startBodySchema, { ...input, pattern }, 'body');
}

function unknownSkill(): BrikkError {
  const violations = [
    { path: 'message.metadata.skill', message: 'must name a skill of the agent card', allowed: FORMS },
  ];
  const detail = `Say which skill is asked for, in message.metadata.skill or as the tenant: ${FORMS.join(', ')}`;
  return new BrikkError('request.invalid', detail, { violations });
}
