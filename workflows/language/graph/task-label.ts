import type { FunctionCall, ProtocolCall, Task } from '../../../contracts/definition-tasks.js';
import type { EventStrategy } from '../../../contracts/definition-events.js';
import { brief } from './brief.js';

/** What a task does, in a few words. */
export function taskLabel(task: Task): string {
  if ('call' in task) return brief(`call ${task.call}${callDetail(task as ProtocolCall)}`);
  if ('wait' in task) return brief(`wait ${typeof task.wait === 'string' ? task.wait : durationWords(task.wait)}`);
  if ('set' in task)
    return brief(typeof task.set === 'string' ? `set ${task.set}` : `set ${listed(Object.keys(task.set))}`);
  if ('emit' in task) return brief(`emit ${task.emit.event.with?.type ?? 'an event'}`);
  if ('listen' in task) return brief(`listen to ${strategyWords(task.listen.to)}`);
  if ('raise' in task) {
    const { error } = task.raise;
    return brief(`raise ${typeof error === 'string' ? error : error.type}`);
  }
  if ('run' in task) return brief(runWords(task.run));
  if ('for' in task) return brief(forWords(task.for, task.while));
  if ('fork' in task) return task.fork.compete ? 'the first branch wins' : 'all branches';
  if ('switch' in task) return 'switch';
  return 'try' in task ? 'try' : '';
}

function callDetail(task: ProtocolCall): string {
  switch (task.call) {
    case 'http': {
      const { method, endpoint } = task.with;
      return ` ${method.toUpperCase()} ${typeof endpoint === 'string' ? endpoint : endpoint.uri}`;
    }
    case 'openapi':
      return ` ${task.with.operationId}`;
    case 'grpc':
      return ` ${task.with.service.name}.${task.with.method}`;
    case 'asyncapi':
      return ` ${task.with.operation ?? task.with.channel ?? ''}`;
    case 'a2a':
    case 'mcp':
      return ` ${task.with.method}`;
    default:
      return whoDoes((task as FunctionCall).with);
  }
}

/** Of a function that calls one agent: which. */
function whoDoes(parameters: object | undefined): string {
  const { agent, capability } = (parameters ?? {}) as { agent?: unknown; capability?: unknown };
  const who = agent ?? capability;
  return typeof who === 'string' ? `: ${who}` : '';
}

const listed = (names: readonly string[]) => names.join(', ');

const durationWords = (parts: object) =>
  Object.entries(parts)
    .map(([unit, amount]) => `${String(amount)} ${unit}`)
    .join(' ');

function strategyWords(strategy: EventStrategy): string {
  if ('one' in strategy) return typeOf(strategy.one);
  if ('all' in strategy) return `all of ${listed(strategy.all.map(typeOf))}`;
  return strategy.any.length === 0 ? 'every event' : `any of ${listed(strategy.any.map(typeOf))}`;
}
const typeOf = ({ with: { type } }: { with: { type?: string } }) => type ?? 'an event';

function runWords({ workflow, container, script, shell }: Extract<Task, { run: unknown }>['run']): string {
  if (workflow) return `run ${workflow.namespace}/${workflow.name}:${workflow.version}`;
  if (container) return `run container ${container.image}`;
  return script ? `run script in ${script.language}` : `run ${shell?.command ?? ''}`;
}

function forWords({ each = 'item', in: items }: Extract<Task, { for: unknown }>['for'], holds?: string): string {
  const over = typeof items === 'string' ? items : `${items.length} items`;
  return `for each ${each} in ${over}${holds === undefined ? '' : ` while ${holds}`}`;
}
