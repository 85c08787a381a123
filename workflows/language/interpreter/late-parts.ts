import type { Json } from '../../../contracts/json.js';
import type { LateParts } from '../../../contracts/language-activities.js';
import type { Value } from '../../../contracts/run-workflow.js';
import { variablesOf } from '../../lib/evaluator.js';
import { bodyVariables, type Interpretation } from './interpretation.js';
import type { TaskPlace } from './place.js';
import { templateProgram } from './template-program.js';

/** Whether a part of a call reads what only the activity may know. */
export const readsSecrets = (template: unknown): boolean =>
  template !== undefined && /\$\s*(secrets|authorization)\b/.test(JSON.stringify(template));

/** The parts as jq that travels to the activity with what it reads, but for the secrets: those are named alone. */
export function latePartsOf(
  run: Interpretation,
  place: TaskPlace,
  { request, authentication }: { request: Json | undefined; authentication: Json | undefined },
  input: Value,
): LateParts {
  const [asked, policy] = [request, authentication].map((template) =>
    template === undefined ? undefined : (templateProgram(template) ?? JSON.stringify(template)),
  );
  const programs = [asked, policy].filter((program) => program !== undefined).join(' ');
  return {
    ...(asked === undefined ? {} : { request: asked }),
    ...(policy === undefined ? {} : { authentication: policy }),
    data: input,
    variables: variablesOf(programs, bodyVariables(run, place)),
    secrets: (run.definition.use?.secrets ?? []).filter((name) => programs.includes(name)),
  };
}
