import type { TaskListRequest } from '../contracts/language-activities.js';
import type { Task, TaskList } from '../contracts/definition-tasks.js';
import type { Json } from '../contracts/json.js';
import { patternField } from '../workflows/language/pattern-fields.js';
import { type KnownTask, taskKindOf } from '../workflows/language/task-kind.js';
import { mistakesIn, readsSecrets } from './check-function.js';

const MAX_TOLD = 20;
/** They order other tasks or arrange data, and reach nothing outside of the run. */
const FREE = ['set', 'switch', 'do', 'for', 'fork', 'try', 'raise'];
const NEVER: { readonly [kind: string]: string } = {
  listen: 'a run hears only what it listened for when it was accepted',
  run: 'a plan starts no further workflows',
};
/** Fields of functions that name who does something, or what is done. */
const NAMING_AGENTS = ['capability', 'agent', 'agents'];
const NAMING = ['capability', 'pattern', 'call', 'allow'];

/**
 * Why a list of tasks that a planner wrote may not be performed: mistakes of the language, what is not allowed, more tasks
 * or calls of agents than there may be. It sees nothing of a definition around it: no names of `use`, and no secrets.
 */
export function checkTasks({ tasks, allow, maxTasks, maxCalls, finished }: Omit<TaskListRequest, 'orgId' | 'runId'>) {
  if (readsSecrets(tasks)) return ['a plan reads no secrets'];
  const mistakes = mistakesIn(tasks).map(({ path, message }) => `${path}: ${message}`);
  if (mistakes.length > 0) return mistakes.slice(0, MAX_TOLD);
  const list = tasks as unknown as TaskList;
  const found = new Allowance(allow);
  found.inList(list, '/do');
  const { errors, tasks: count } = found;
  if (count > maxTasks) errors.push(`the plan has ${count} tasks, at most ${maxTasks}`);
  const open = new Allowance(allow);
  open.inList(
    list.filter((entry) => !finished.includes(Object.keys(entry)[0] ?? '')),
    '/do',
  );
  if (maxCalls !== undefined && open.calls > maxCalls)
    errors.push(`the plan needs ${open.calls} calls, and the budget covers ${maxCalls}`);
  return errors.slice(0, MAX_TOLD);
}

/** What of a list is not allowed, and how much there is of it. */
class Allowance {
  readonly errors: string[] = [];
  tasks = 0;
  /** Of agents: each once, since nobody knows how often loops go round. */
  calls = 0;
  private readonly isAnyAgent: boolean;

  constructor(private readonly allow: readonly string[]) {
    this.isAnyAgent = allow.includes('agent');
  }

  inList(list: TaskList, place: string): void {
    for (const [index, entry] of list.entries())
      for (const [name, task] of Object.entries(entry)) this.inTask(task, `${place}/${index}/${name}`);
  }

  private inTask(task: Task, place: string): void {
    this.tasks += 1;
    const known = { kind: taskKindOf(task), task } as KnownTask;
    const why = NEVER[known.kind];
    if (why !== undefined) this.errors.push(`${place}: ${known.kind} cannot be planned: ${why}`);
    else if (known.kind !== 'call' && !FREE.includes(known.kind)) this.mustAllow(known.kind, place);
    if (task.metadata?.brikk?.compensate) this.errors.push(`${place}: a plan undoes nothing: compensate is not for it`);
    for (const part of [task.input, task.output, task.export])
      if (part?.schema && 'resource' in part.schema)
        this.mustAllow('http', `${place}: a schema at an address needs it`);
    this.inside(known, place);
  }

  private inside({ kind, task }: KnownTask, place: string): void {
    switch (kind) {
      case 'call':
        return this.inCall(task, place);
      case 'do':
      case 'for':
        return this.inList(task.do, `${place}/do`);
      case 'fork':
        return this.inList(task.fork.branches, `${place}/fork/branches`);
      case 'try':
        this.inList(task.try, `${place}/try`);
        return this.inList(task.catch.do ?? [], `${place}/catch/do`);
      default:
    }
  }

  private inCall(task: Extract<KnownTask, { kind: 'call' }>['task'], place: string): void {
    if (ADDRESS.test(task.call)) {
      this.errors.push(`${place}: functions at addresses cannot be planned: what they do is not in the list`);
      return;
    }
    const name = task.call.replace(/[:@].*$/, '');
    const given = (task.with ?? {}) as unknown as { [field: string]: Json };
    if (CALLS_OF_SERVERS.includes(name)) {
      this.mustAllow(name, place);
      const { subscription } = given as { subscription?: { foreach?: { do?: TaskList } } };
      return this.inList(subscription?.foreach?.do ?? [], `${place}/with/subscription/foreach/do`);
    }
    this.calls += 1;
    if (name !== 'agent') this.mustAllow(name, place);
    this.inParameters(given, `${place}/with`);
  }

  /** What a function does and who does it is written out, since an expression may come to anything. */
  private inParameters(value: Json, place: string): void {
    if (typeof value === 'string' && /^\s*\$\{.*\}\s*$/s.test(value))
      this.errors.push(`${place}: has to be written out, so that it can be seen what is done`);
    if (value === null || typeof value !== 'object') return;
    for (const [field, inner] of Object.entries(value)) {
      const at = `${place}/${field}`;
      if (field === 'recall') this.mustAllow(readerOf(inner), at);
      if (patternField(field) !== undefined) continue;
      if (this.isAnyAgent && NAMING_AGENTS.includes(field)) continue;
      if (field === 'agent' || field === 'agents') this.errors.push(`${at}: names no capability; allow agent for that`);
      else if (!NAMING.includes(field)) this.inParameters(inner, at);
      else
        for (const name of [inner].flat())
          if (typeof name === 'string') this.mustAllow(name, at);
          else this.inParameters(name, at);
    }
  }

  private mustAllow(name: string, place: string): void {
    if (!this.allow.includes(name)) this.errors.push(`${place}: ${name} is not allowed, only ${this.allow.join(', ')}`);
  }
}

const ADDRESS = /^[a-z][a-z+.-]*:\/\//i;
const CALLS_OF_SERVERS = ['http', 'openapi', 'grpc', 'asyncapi', 'a2a', 'mcp'];

/** The call that reads as much of the shared memory. */
const readerOf = (recall: Json) =>
  typeof recall === 'object' && recall !== null && 'query' in recall ? 'memory.search' : 'memory.get';
