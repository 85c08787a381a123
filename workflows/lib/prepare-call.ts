import type { NewRunEvent } from '../../contracts/events.js';
import type { Json } from '../../contracts/json.js';
import type { CallResult, FollowingCall } from '../../contracts/run-workflow.js';
import type { Value } from '../../contracts/values.js';
import type { CallShape, CallTask } from './call-shape.js';
import { type Evaluator, type Variables, variablesOf } from './evaluator.js';
import { compiled } from './expression-error.js';
import { join } from './place-path.js';
import type { SizedCall } from './sized-call.js';
import { type Soon, whenKnown } from './soon.js';
import { templateProgram } from './template.js';
import { utf8Length } from './utf8.js';
import { inline, inlineBytes } from './values.js';

export interface CallSpec {
  /** Relative to the context's path; empty for the path itself. */
  key: string;
  task: CallTask;
  /** Already evaluated. */
  input: Value;
  /** What the agent is told beside it; an object. */
  context?: Value;
  role?: string;
  /** From 1, where a pattern works in rounds. */
  round?: number;
  /** Whoever was to do it has failed: those behind the task are all that is left. */
  failed?: CallResult;
}

/** A call that follows another: its input is a template over the output of that one. */
export interface FollowingSpec extends Omit<CallSpec, 'input'> {
  template: Json | undefined;
  variables: Variables;
  /** Written as the call begins. */
  events: NewRunEvent[];
}

/** A call below `path` as it travels: a large input is stored, and a reference goes instead. */
export function prepareCall(
  evaluator: Evaluator,
  path: string,
  { key, task, input, context, role, round }: CallSpec,
  { terms, bytes }: CallShape,
): Soon<SizedCall> {
  const place = join(path, key);
  const name = { key: place === '' ? 'call' : place, path: `/${place}` };
  const position = { ...(role === undefined ? {} : { role }), ...(round === undefined ? {} : { round }) };
  const nameBytes = utf8Length(JSON.stringify(name)) + utf8Length(JSON.stringify(position));
  const told = context && evaluator.claimCheck(context, name.path);
  return whenKnown(told, (known) =>
    whenKnown(evaluator.claimCheck(input, name.path), ([carried, inputBytes]) => ({
      // What is spread comes last: V8 adds properties to a copy one by one, which a thousand calls feel.
      call: {
        key: name.key,
        path: name.path,
        input: carried,
        ...(known && { context: known[0] }),
        ...position,
        ...terms,
      },
      terms,
      termsBytes: bytes,
      bytes: nameBytes + inputBytes + (known?.[1] ?? 0),
      following: [],
      ...(task.approval && { persons: task.approval }),
    })),
  );
}

/** A call that follows another, with all variables that its template may read, and its bytes. */
export function prepareFollowing(
  evaluator: Evaluator,
  path: string,
  { key, task: _task, template, variables, events, ...position }: FollowingSpec,
  { terms, bytes }: CallShape,
): Soon<SizedCall['following'][number] & { bytes: number }> {
  const place = join(path, key);
  const where = `/${place}`;
  const program = compiled(where, () => (template === undefined ? undefined : templateProgram(template)));
  const made = (input: FollowingCall['input'], inputBytes: number) => {
    const call: FollowingCall = { key: place, path: where, events, ...position, ...terms, input };
    return { call, terms, bytes: bytes + inputBytes + utf8Length(JSON.stringify({ path: place, events })) };
  };
  if (template !== undefined && program === undefined)
    return whenKnown(evaluator.claimCheck(inline(template), where), ([value, size]) => made(value, size));
  if (program === undefined) return made({ variables: {} }, 0);
  const read = variablesOf(program, variables);
  return made({ program, variables: read }, utf8Length(program) + inlineBytes({ object: read }));
}
