import type { Task } from '../../../contracts/definition-tasks.js';
import type { Value } from '../../../contracts/values.js';
import { type KnownTask, taskKindOf } from '../task-kind.js';
import type { Interpretation } from './interpretation.js';
import type { Begun, TaskEnd, TaskPlace } from './place.js';
import { below } from '../json-pointer.js';
import { performCall } from './tasks/call.task.js';
import { performEmit } from './tasks/emit.task.js';
import { performFor } from './tasks/for.task.js';
import { performFork } from './tasks/fork.task.js';
import { performListen } from './tasks/listen.task.js';
import { performRaise } from './tasks/raise.task.js';
import { performRun } from './tasks/run.task.js';
import { performSet } from './tasks/set.task.js';
import { performSwitch } from './tasks/switch.task.js';
import { performTry } from './tasks/try.task.js';
import { performWait } from './tasks/wait.task.js';

/** What a task itself does, with its input evaluated: its raw output. */
export function performBody(
  run: Interpretation,
  place: TaskPlace,
  task: Task,
  input: Value,
  begun?: Begun,
): Promise<TaskEnd> {
  const known = { kind: taskKindOf(task), task } as KnownTask;
  switch (known.kind) {
    case 'call':
      return performCall(run, place, known.task, input);
    case 'do':
      return run.perform.list(run, { ...place, pointer: below(place.pointer, 'do') }, known.task.do, input);
    case 'emit':
      return performEmit(run, place, known.task, input);
    case 'for':
      return performFor(run, place, known.task, input, begun);
    case 'fork':
      return performFork(run, place, known.task, input);
    case 'listen':
      return performListen(run, place, known.task, input, begun);
    case 'raise':
      return performRaise(run, place, known.task, input);
    case 'run':
      return performRun(run, place, known.task, input);
    case 'set':
      return performSet(run, place, known.task, input);
    case 'switch':
      return performSwitch(run, place, known.task, input);
    case 'try':
      return performTry(run, place, known.task, input);
    case 'wait':
      return performWait(run, place, known.task, input);
  }
}
