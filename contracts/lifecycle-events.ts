import type { CloudEvent } from './event-bus.js';
import type { Json } from './json.js';
import type { EventData, EventType, RunEvent } from './events.js';

/** What of a run's stream tells how a run of a definition and its tasks go. */
export const LIFECYCLE_SOURCES = [
  'run.started',
  'run.paused',
  'run.resumed',
  'run.finished',
  'step.started',
  'step.retried',
  'step.finished',
  'correlation.started',
  'correlation.completed',
] as const satisfies readonly EventType[];

export interface LifecycleRun {
  runId: string;
  /** namespace/name:version */
  workflow: string;
  /** What a run that completed gave, when it is small enough to travel. */
  output?: Json;
  /** Tasks that are under way when it is paused or resumed, as JSON pointers. */
  tasks?: readonly string[];
}

const NAME = /^(.+)\/([^:]+):(.+)$/;

/**
 * The lifecycle events (Open Workflow Specification 1.0.3, "Lifecycle Events") that an event of a run's stream stands for.
 * They are the same events however often they are made: their ids come from its position.
 */
export function lifecycleEvents(
  { runId, workflow, output, tasks = [] }: LifecycleRun,
  event: RunEvent & { key: string },
): CloudEvent[] {
  const [, namespace = '', name = '', version = ''] = NAME.exec(workflow) ?? [];
  const told = tell(event, tasks);
  const qualified = `${name}-${runId}.${namespace}`;
  return told.map(({ type, time, ...data }, index) => ({
    specversion: '1.0',
    id: `${runId}:${event.position}:${type}${isOfMany(type) ? `:${index}` : ''}`,
    source: `https://brikk.dev/runs/${runId}`,
    type: `io.serverlessworkflow.${type}.v1`,
    time: event.at,
    data: {
      [type.startsWith('workflow.') ? 'name' : 'workflow']: qualified,
      runId,
      definition: { namespace, name, version },
      [time]: event.at,
      ...data,
      ...(type === 'workflow.completed' && output !== undefined && { output }),
    },
  }));
}

interface Told {
  type: string;
  /** Name of the attribute that holds when. */
  time: string;
  [attribute: string]: Json;
}

/** One event of the stream stands for several of these. */
const isOfMany = (type: string): boolean => type === 'task.suspended' || type === 'task.resumed';

function tell(event: RunEvent & { key: string }, tasks: readonly string[]): Told[] {
  switch (event.type) {
    case 'run.started':
      return [{ type: 'workflow.started', time: 'startedAt' }];
    case 'run.paused':
      return [
        { type: 'workflow.suspended', time: 'suspendedAt' },
        ...tasks.map((task) => ({ type: 'task.suspended', time: 'suspendedAt', task })),
      ];
    case 'run.resumed':
      // The end of a wait is no end of a pause.
      if (event.key.startsWith('wait/')) return [];
      return [
        { type: 'workflow.resumed', time: 'resumedAt' },
        ...tasks.map((task) => ({ type: 'task.resumed', time: 'resumedAt', task })),
      ];
    case 'correlation.started':
      return [{ type: 'workflow.correlation-started', time: 'startedAt', task: event.data.path }];
    case 'correlation.completed': {
      const { path: task, keys } = event.data;
      return [{ type: 'workflow.correlation-completed', time: 'completedAt', task, correlationKeys: keys }];
    }
    case 'step.retried':
      return [{ type: 'task.retried', time: 'retriedAt', task: event.data.path }];
    case 'run.finished': {
      const { status } = event.data;
      if (status === 'completed' || status === 'partial') return [{ type: 'workflow.completed', time: 'completedAt' }];
      if (status === 'canceled') return [{ type: 'workflow.cancelled', time: 'cancelledAt' }];
      return [{ type: 'workflow.faulted', time: 'faultedAt', error: problemOf(event.data) }];
    }
    case 'step.started': {
      const task = event.data.path;
      return [
        { type: 'task.created', time: 'createdAt', task },
        { type: 'task.started', time: 'startedAt', task },
      ];
    }
    case 'step.finished': {
      const { path: task, outcome, error } = event.data;
      if (outcome === 'failed')
        return [{ type: 'task.faulted', time: 'faultedAt', task, error: (error ?? UNTOLD) as unknown as Json }];
      if (outcome === 'canceled') return [{ type: 'task.cancelled', time: 'cancelledAt', task }];
      return [{ type: 'task.completed', time: 'completedAt', task }];
    }
    default:
      return [];
  }
}

const OWN_TYPES = 'https://brikk.dev/errors/';
/** Of a run that began before its tasks told why they failed. */
const UNTOLD = { type: `${OWN_TYPES}failed`, status: 500, title: 'The task failed' };
const LATE = {
  type: 'https://open-workflow-specification.org/spec/1.0.0/errors/timeout',
  status: 408,
  title: 'The time is over',
};

/** What ended a run as an error of the language, also what was none: its deadline, its budget, a person. */
function problemOf({ status, terminationReason, error }: EventData['run.finished']): Json {
  const problem =
    status === 'timed_out'
      ? LATE
      : { type: `${OWN_TYPES}${terminationReason}`, status: 500, title: `The run ended ${status}` };
  return { ...problem, ...(error as unknown as { [field: string]: Json } | undefined) };
}
