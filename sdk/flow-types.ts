import type { CallProtocols } from '../contracts/definition-calls.js';
import type { Definition, DocumentHead } from '../contracts/definition.js';
import type { SwitchCase, Task, TaskBase } from '../contracts/definition-tasks.js';
import type { PatternInput } from './run-input.js';

/** A property that no value has: it carries where a task leads, so that a list can check its targets. */
declare const leads: unique symbol;
/** Tells the compiler where a task leads; no value has it. */
export interface Leads<To extends string> {
  readonly [leads]?: To;
}
/** `continue` with the next task, `exit` the list, `end` the run. */
export type Directive = 'continue' | 'exit' | 'end';

/** Tasks by name, in their order. What `then` of a task names must be in the same list. */
export type Listed<Tasks> = {
  [Name in keyof Tasks]: Task & Leads<Directive | Extract<keyof Tasks, string>>;
};
/** Tasks side by side: nothing leads from one to another. */
export type Branches<Tasks> = { [Name in keyof Tasks]: Task & Leads<Directive> };

/** What every task may say beside what it does. */
export type TaskOptions<To extends string> = Omit<TaskBase, 'then'> & { then?: To };

/** Cases of `flow.switch` by name, in the order in which they are asked. */
export type Cases = { readonly [name: string]: Readonly<SwitchCase> };
/** The names to which cases lead. */
export type TargetsOf<Of extends Cases> = Of[keyof Of]['then'];

type Patterns = { [Input in PatternInput as Input['pattern']]: Input['with'] };
/** What `call` takes as `with`: of a protocol, a pattern, or a function by another name. */
export type ArgumentsOf<Name extends string> = Name extends keyof CallProtocols
  ? CallProtocols[Name]
  : Name extends keyof Patterns
    ? Patterns[Name]
    : { [name: string]: unknown };
/** What `flow.call` knows the arguments of: protocols and patterns. */
export type CallName = keyof CallProtocols | keyof Patterns;

/** A definition without its list: the head stands beside the rest. */
export type WorkflowTerms = Omit<Definition, 'document' | 'do'> & Omit<DocumentHead, 'dsl'>;
