import type { Authentication, AuthenticationUse, Endpoint } from '../../../contracts/definition-calls.js';
import type { Json } from '../../../contracts/json.js';
import { fault } from './fault.js';
import type { Interpretation } from './interpretation.js';
import type { TaskPlace } from './place.js';

/** What an endpoint says of who asks. */
export const authenticationIn = (endpoint: Endpoint): AuthenticationUse | undefined =>
  typeof endpoint === 'string' ? undefined : endpoint.authentication;

/** The policy as a template: a named one in full, and one that a secret holds as an expression that reads it. */
export function policyOf(run: Interpretation, place: TaskPlace, use: AuthenticationUse | undefined): Json | undefined {
  if (use === undefined) return undefined;
  const policy = 'use' in use ? named(run, place, use.use) : use;
  const [[kind, fields]] = Object.entries(policy) as [[string, Json]];
  const secret = fields !== null && typeof fields === 'object' && 'use' in fields ? fields['use'] : undefined;
  return { [kind]: secret === undefined ? fields : `\${ $secrets[${JSON.stringify(secret)}] }` };
}

function named(run: Interpretation, place: TaskPlace, name: string): Authentication {
  const found = run.definition.use?.authentications?.[name];
  if (found) return found;
  throw fault('configuration', place.pointer, { detail: `there is no ${name} in use.authentications` });
}
