import type { Authentication } from './definition-calls.js';
import type { EventStrategy, ReadAs } from './definition-events.js';
import type { DocumentOptions } from './definition-options.js';
import type {
  Catalog,
  DurationValue,
  ErrorTemplate,
  InputFilter,
  OutputFilter,
  RetryPolicy,
  Timeout,
} from './definition-parts.js';
import type { Task, TaskList } from './definition-tasks.js';

/**
 * A workflow definition as it is written, stored and hashed: Open Workflow Specification DSL 1.0.3. Nothing is filled in
 * and no reference is resolved; what `checkDefinition` accepts has this shape.
 */
export interface Definition {
  document: DocumentHead;
  input?: InputFilter;
  use?: Use;
  do: TaskList;
  /** A timeout, or the name of one in `use.timeouts`. */
  timeout?: Timeout | string;
  output?: OutputFilter;
  schedule?: Schedule;
  evaluate?: Evaluate;
}

/** What a definition is called, and in which language it is written. */
export interface DocumentHead {
  /** Version of the language, 1.0.0 to 1.0.3. */
  dsl: string;
  namespace: string;
  name: string;
  /** Semantic version. */
  version: string;
  title?: string;
  /** Markdown. */
  summary?: string;
  tags?: { [key: string]: unknown };
  metadata?: { brikk?: DocumentOptions; [key: string]: unknown };
}

/** What tasks refer to by name. */
export interface Use {
  authentications?: { [name: string]: Authentication };
  catalogs?: { [name: string]: Catalog };
  errors?: { [name: string]: ErrorTemplate };
  /** Each an object of one name. */
  extensions?: { [name: string]: Extension }[];
  functions?: { [name: string]: Task };
  retries?: { [name: string]: RetryPolicy };
  secrets?: string[];
  timeouts?: { [name: string]: Timeout };
}

/** The kinds of tasks that an extension can be for. */
export type ExtendedKind =
  'call' | 'composite' | 'emit' | 'for' | 'listen' | 'raise' | 'run' | 'set' | 'switch' | 'try' | 'wait' | 'all';

/** Tasks around every task of a kind. `composite` stands for `do` and `fork`. */
export interface Extension {
  extend: ExtendedKind;
  when?: string;
  before?: TaskList;
  after?: TaskList;
}

/** One of `every`, `cron` (UTC), `after` (the last end) and `on`. */
export interface Schedule {
  every?: DurationValue;
  cron?: string;
  after?: DurationValue;
  on?: EventStrategy;
  read?: ReadAs;
}

/** How expressions are read. */
export interface Evaluate {
  /** Only jq. */
  language?: string;
  /** Default `strict`; `loose` tries every plain string as jq. */
  mode?: 'strict' | 'loose';
}
