import type { Endpoint } from '../../../contracts/definition-calls.js';
import type { Json } from '../../../contracts/json.js';
import type { CallParts, LateParts } from '../../../contracts/language-activities.js';
import type { Value } from '../../../contracts/values.js';
import { variablesOf } from '../../lib/evaluator.js';
import { uriOf } from './endpoint.js';
import { evaluateTemplate } from './expressions.js';
import { fault } from './fault.js';
import { bodyVariables, type Interpretation } from './interpretation.js';
import type { TaskPlace } from './place.js';
import { templateProgram } from './template-program.js';

interface Templates extends Record<keyof CallParts<Json>, Json | undefined> {
  /** Fields of the call itself, such as its method: those with expressions travel among its parts. */
  named?: { [field: string]: Json | undefined };
}

/**
 * The parts of a call as values; when one of them reads what only the activity may know, as jq that travels with what it
 * reads, but for the secrets: those are named alone.
 */
export async function callPartsOf(
  run: Interpretation,
  place: TaskPlace,
  { request: own = {}, authentication, document, named = {} }: Templates,
  input: Value,
): Promise<CallParts<Value> | LateParts> {
  const known = bodyVariables(run, place);
  const request = withNamed(own, named);
  if (readsSecrets([request, authentication, document])) {
    const late = {
      request: programOf(request),
      ...(authentication !== undefined && { authentication: programOf(authentication) }),
      ...(document !== undefined && { document: programOf(document) }),
    };
    const programs = Object.values(late).join(' ');
    return {
      ...late,
      data: input,
      variables: variablesOf(programs, known),
      secrets: (run.definition.use?.secrets ?? []).filter((name) => programs.includes(name)),
    };
  }
  const valueOf = (template: Json) => evaluateTemplate(place, template, input, known);
  return {
    request: await valueOf(request),
    ...(authentication !== undefined && { authentication: await valueOf(authentication) }),
    ...(document !== undefined && { document: await valueOf(document) }),
  };
}

/** Where it is: no secret may be part of it, since addresses stand in logs and records. */
export function addressOf(run: Interpretation, place: TaskPlace, endpoint: Endpoint, input: Value): Promise<string> {
  if (readsSecrets(typeof endpoint === 'string' ? endpoint : endpoint.uri))
    throw fault('authorization', place.pointer, { detail: 'an address may not hold secrets' });
  return uriOf(place, endpoint, input, bodyVariables(run, place));
}

function withNamed(request: Json, named: NonNullable<Templates['named']>): Json {
  const written = Object.entries(named).filter(([, value]) => value !== undefined && hasExpression(value));
  return written.length === 0 ? request : { ...(request as object), named: Object.fromEntries(written) as Json };
}

/** What has none is not evaluated, and not waited for: what runs beside it keeps its order in recorded histories. */
export const hasExpression = (template: unknown): boolean => JSON.stringify(template).includes('${');

const readsSecrets = (template: unknown): boolean => /\$\s*(secrets|authorization)\b/.test(JSON.stringify(template));

const programOf = (template: Json): string => templateProgram(template) ?? JSON.stringify(template);
