import type { Definition } from '../../../contracts/definition.js';
import type { CallTask, ProtocolCall, Task, TaskList, TryTask } from '../../../contracts/definition-tasks.js';
import { taskKindOf } from '../task-kind.js';
import type { DefinitionGraph, GraphEdge, GraphNode } from '../../../contracts/definition-graph.js';
import { below } from '../json-pointer.js';
import { brief } from './brief.js';
import { membersOf } from './pattern-members.js';
import { taskLabel } from './task-label.js';

export const START = 'start';
export const END = 'end';

/**
 * A checked definition as nodes and edges: every task once, lists inside of tasks and members of patterns inside of their
 * box. Functions of `use` and extensions are not drawn; the calls of functions are.
 */
export function definitionGraph(definition: Definition): DefinitionGraph {
  const { namespace, name, version } = definition.document;
  const drawing = new Drawing();
  drawing.add({ id: START, kind: 'start', name: 'start', label: '', parent: null });
  const first = drawing.list(definition.do, '/do', null, END);
  drawing.add({ id: END, kind: 'end', name: 'end', label: '', parent: null });
  drawing.edges.unshift({ from: START, to: first ?? END, kind: 'flow' });
  return { definition: `${namespace}/${name}:${version}`, nodes: drawing.nodes, edges: drawing.edges };
}

/** Where a task may lead. */
interface Around {
  next: string | undefined;
  after: string | undefined;
  targets: ReadonlyMap<string, string>;
}

/** A branch leads nowhere but to the end of the run. */
const ALONE: Around = { next: undefined, after: undefined, targets: new Map() };

/** Collects nodes and edges while it walks the lists. */
class Drawing {
  readonly nodes: GraphNode[] = [];
  readonly edges: GraphEdge[] = [];

  add(node: GraphNode): void {
    this.nodes.push(node);
  }

  /** Tasks in order. `after` is where the list leads when it is over; without it, it ends with the box around it. */
  list(list: TaskList, id: string, parent: string | null, after?: string): string | undefined {
    const items = named(list, id);
    const targets = new Map(items.map((item) => [item.name, item.id]));
    for (const [index, item] of items.entries()) {
      this.task(item.id, item.name, item.task, parent);
      this.leave(item.id, item.task, { next: items[index + 1]?.id ?? after, after, targets });
    }
    return items[0]?.id;
  }

  private task(id: string, name: string, task: Task, parent: string | null): void {
    this.add({ id, kind: taskKindOf(task), name, label: labelOf(task), parent });
    if ('try' in task) this.tried(id, task as TryTask);
    else if ('do' in task) this.list(task.do, below(id, 'do'), id);
    else if ('fork' in task)
      for (const branch of named(task.fork.branches, below(id, 'fork', 'branches'))) {
        this.task(branch.id, branch.name, branch.task, id);
        this.leave(branch.id, branch.task, ALONE);
      }
    else if ('listen' in task && task.foreach?.do) this.list(task.foreach.do, below(id, 'foreach', 'do'), id);
    else if ('call' in task) this.called(id, task);
  }

  /** Members of a pattern; of a subscription the tasks for each message. */
  private called(id: string, task: CallTask): void {
    const foreach = isSubscription(task) ? task.with.subscription?.foreach : undefined;
    if (foreach?.do) this.list(foreach.do, below(id, 'with', 'subscription', 'foreach', 'do'), id);
    else this.members(below(id, 'with'), patternName(task.call), task.with, id);
  }

  private tried(id: string, { try: list, catch: { do: remedy, errors, retry } }: TryTask): void {
    const tried = below(id, 'try');
    this.add({ id: tried, kind: 'list', name: 'try', label: '', parent: id });
    this.list(list, tried, tried);
    const caught = below(id, 'catch');
    const label = retry === undefined ? '' : `retry ${typeof retry === 'string' ? retry : ''}`.trim();
    this.add({ id: caught, kind: 'list', name: 'catch', label, parent: id });
    if (remedy) this.list(remedy, below(caught, 'do'), caught);
    const what = errors?.with?.type ?? errors?.with?.status;
    this.edges.push({
      from: tried,
      to: caught,
      kind: 'error',
      ...(what === undefined ? {} : { label: brief(String(what)) }),
    });
  }

  /** Agents and nested patterns of a pattern. */
  private members(id: string, pattern: string, parameters: unknown, parent: string): void {
    const { members, inOrder } = membersOf(pattern, parameters);
    let before: string | undefined;
    for (const { path, name, role, inner } of members) {
      const at = path.length === 0 ? below(id, 'capability') : below(id, ...path);
      this.add({ id: at, kind: inner?.pattern ?? 'agent', name: brief(name), label: brief(role), parent });
      if (inOrder && before !== undefined) this.edges.push({ from: before, to: at, kind: 'flow' });
      before = at;
      if (inner) this.members(below(at, 'with'), inner.pattern, inner.with, at);
    }
  }

  private leave(id: string, task: Task, around: Around): void {
    const go = (then: string | undefined, kind: GraphEdge['kind'], label?: string) => {
      const jumpsTo = then === undefined ? undefined : around.targets.get(then);
      const to = jumpsTo ?? (then === 'end' ? END : then === 'exit' ? around.after : around.next);
      if (to === undefined) return;
      const isJump = kind === 'flow' && jumpsTo !== undefined && jumpsTo !== around.next;
      const words = label === undefined ? {} : { label: brief(label) };
      this.edges.push({ from: id, to, kind: isJump ? 'jump' : kind, ...words });
    };
    if ('switch' in task) {
      const cases = task.switch.flatMap((one) => Object.entries(one));
      for (const [name, { when, then }] of cases) go(then, 'case', when === undefined ? name : `${name}: ${when}`);
      if (cases.every(([, { when }]) => when !== undefined)) go(task.then, 'flow', 'otherwise');
    } else {
      if (task.if !== undefined && task.then !== undefined && task.then !== 'continue')
        this.edges.push(
          ...(around.next === undefined
            ? []
            : [{ from: id, to: around.next, kind: 'case' as const, label: brief(`unless ${task.if}`) }]),
        );
      go(task.then, 'flow');
    }
    if ('try' in task && task.catch.then !== undefined) {
      const { then } = task.catch;
      const to = around.targets.get(then) ?? (then === 'end' ? END : then === 'exit' ? around.after : around.next);
      if (to !== undefined) this.edges.push({ from: below(id, 'catch'), to, kind: 'jump' });
    }
  }
}

const labelOf = (task: Task) => (task.if === undefined ? taskLabel(task) : brief(`${taskLabel(task)} if ${task.if}`));

const isSubscription = (task: CallTask): task is Extract<ProtocolCall, { call: 'asyncapi' }> =>
  task.call === 'asyncapi';

/** `market:1.0.0@default` is `market`. */
const patternName = (call: string) => call.split(':', 1)[0] ?? call;

const named = (list: TaskList, id: string) =>
  list.flatMap((item, index) =>
    Object.entries(item).map(([name, task]) => ({ id: below(id, index, name), name, task })),
  );
