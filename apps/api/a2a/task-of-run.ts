import { StreamResponse, Task } from '@a2a-js/sdk';
import { A2A_STATES } from '../../../contracts/a2a-states.js';
import type { Json } from '../../../contracts/json.js';
import { isTerminal, RUN_STATUSES, type RunStatus } from '../../../contracts/runs.js';
import type { A2aTask, OpenQuestion, TaskEvent } from '../../../database/a2a-tasks.repository.js';
import { partsOf } from './message-content.js';

/** The statuses of runs whose tasks are in a state; none for a state that no task here is ever in. */
export const statusesOf = (state: string): RunStatus[] => RUN_STATUSES.filter((status) => A2A_STATES[status] === state);

interface Shown {
  /** Messages at most, the newest; all of them unless said. */
  historyLength?: number | undefined;
  withArtifacts?: boolean;
}

export function toTask(task: A2aTask, { historyLength, withArtifacts = true }: Shown = {}): Task {
  const { runId: id, contextId, skill, messages, status } = task;
  return Task.fromJSON({
    id,
    contextId,
    status: statusOf(task),
    history: historyLength === undefined ? messages : historyLength === 0 ? [] : messages.slice(-historyLength),
    artifacts: withArtifacts ? artifactsOf(task) : [],
    metadata: { skill, runStatus: status },
  });
}

/** What a stream tells of an event of the run; `task` is how the run stands when the event is read. */
export function updatesOf(event: TaskEvent, task: A2aTask): StreamResponse[] {
  const { runId: taskId, contextId } = task;
  const update = (status: Json, metadata: Json) =>
    StreamResponse.fromJSON({ statusUpdate: { taskId, contextId, status, metadata } });
  const timestamp = event.at.toISOString();
  switch (event.type) {
    case 'run.started':
    case 'run.resumed':
      return [update({ state: A2A_STATES.running, timestamp }, { runStatus: 'running' })];
    case 'run.paused':
      return [update({ state: A2A_STATES.paused, timestamp }, { runStatus: 'paused' })];
    case 'run.waiting':
      return [update({ ...statusOf({ ...task, status: 'waiting' }), timestamp }, { runStatus: 'waiting' })];
    case 'step.finished': {
      const { path, name, outcome } = event.data;
      const message = agentMessage(task, `step/${event.position}`, [{ text: `${name}: ${outcome}` }]);
      return [update({ state: A2A_STATES.running, timestamp, message }, { runStatus: 'running', path, outcome })];
    }
    case 'run.finished': {
      const made = artifactsOf(task).map((artifact) =>
        StreamResponse.fromJSON({ artifactUpdate: { taskId, contextId, artifact, append: false, lastChunk: true } }),
      );
      return [...made, update(statusOf(task), { runStatus: task.status })];
    }
  }
}

function statusOf(task: A2aTask): { [name: string]: Json } {
  const { status, statusAt, error } = task;
  const message =
    status === 'waiting'
      ? questionMessage(task)
      : error === null
        ? undefined
        : agentMessage(task, 'error', [{ text: error.message }, { data: { code: error.code } }]);
  return { state: A2A_STATES[status], timestamp: statusAt.toISOString(), ...(message && { message }) };
}

/** What the task asks: the oldest question, which the next message answers; undefined when it asks nothing. */
export function questionMessage(task: A2aTask): { messageId: string; [name: string]: Json } | undefined {
  const [asked] = task.questions;
  if (!asked) return undefined;
  const others = task.questions.slice(1).map(asData);
  return agentMessage(task, asked.id, [
    { text: asked.question },
    { data: { approval: asData(asked), ...(others.length > 0 && { others }) } },
  ]);
}

const asData = ({ id, kind, question, path, schema, dueAt }: OpenQuestion): Json => ({
  id,
  kind,
  question,
  path,
  ...(schema !== null && { schema }),
  dueAt,
});

const agentMessage = ({ runId: taskId, contextId }: A2aTask, name: string, parts: Json[]) => ({
  messageId: `${taskId}/${name}`,
  role: 'ROLE_AGENT',
  taskId,
  contextId,
  parts,
});

/** The output of a run that has one; what is missing of a partial one is said with it. */
function artifactsOf({ runId, status, output, warnings }: A2aTask): Json[] {
  if (!isTerminal(status) || output === null) return [];
  const metadata = { runStatus: status, warnings };
  return [{ artifactId: `${runId}/output`, name: 'output', parts: partsOf(output), metadata }];
}
