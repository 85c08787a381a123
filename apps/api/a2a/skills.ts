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

/** Names of workflows hold no point, those of capabilities may. */
const SKILL = /^(?:workflow\.([^.]+)\.([^.]+)|capability\.(.+)|pattern\.(.+))$/;
const FORMS = ['workflow.<namespace>.<name>', 'capability.<name>', 'pattern.<name>'];

/** The run that a skill starts. Fails `request.invalid`, naming the skill or what of the data it cannot take. */
export function startOfSkill(id: string, input: Json): StartBody {
  const [, namespace, name, capability, pattern] = SKILL.exec(id) ?? [];
  if (namespace !== undefined) return parse(startBodySchema, { workflow: `${namespace}/${name}`, input }, 'body');
  if (capability !== undefined && nameSchema.safeParse(capability).success)
    return parse(startBodySchema, { pattern: 'agent', with: { capability }, input }, 'body');
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
