import type { RunError } from '../../../contracts/runs.js';
import type { WorkflowError } from '../../../contracts/workflow-error.js';

/** A task failed with an error that a `catch` around it may handle; uncaught it ends the run. */
export class Fault extends Error {
  constructor(readonly error: WorkflowError) {
    super(error.detail ?? error.title);
    this.name = 'Fault';
  }
}

/** The work here was given up: canceled, out of time, or lost a race. No `catch` sees it. */
export class Halt extends Error {
  constructor() {
    super('the work was given up');
    this.name = 'Halt';
  }
}

const STANDARD = {
  configuration: { status: 400, title: 'The definition cannot be carried out' },
  validation: { status: 400, title: 'The data breaks its schema' },
  expression: { status: 400, title: 'The expression failed' },
  authentication: { status: 401, title: 'The caller is not known' },
  authorization: { status: 403, title: 'The call is not allowed' },
  timeout: { status: 408, title: 'The time is over' },
  communication: { status: 500, title: 'The call failed' },
  runtime: { status: 500, title: 'The task failed' },
} as const;
export type StandardError = keyof typeof STANDARD;

const HOST = 'open-workflow-specification.org';
const STANDARD_TYPES = `https://${HOST}/spec/1.0.0/errors/`;
const OWN_TYPES = 'https://brikk.dev/errors/';

export interface FaultDetails {
  detail?: string;
  status?: number;
  title?: string;
}

/** One of the errors that the specification names. */
export function fault(name: StandardError, instance: string, { detail, status, title }: FaultDetails = {}): Fault {
  const standard = STANDARD[name];
  return new Fault({
    type: `${STANDARD_TYPES}${name}`,
    status: status ?? standard.status,
    title: title ?? standard.title,
    ...(detail === undefined ? {} : { detail }),
    instance,
  });
}

/** A pattern that came to no output: `https://brikk.dev/errors/no_bids`. */
export const ownFault = (reason: string, instance: string, detail: string): Fault =>
  new Fault({ type: `${OWN_TYPES}${reason}`, status: 500, title: 'The function failed', detail, instance });

/**
 * Whether two types name the same error: the names of the standard errors are written in several ways, with the
 * specification's former host, and with the path `/dsl/errors/types/`.
 */
export const isSameType = (left: string, right: string): boolean => canonical(left) === canonical(right);

function canonical(type: string): string {
  const match = /^https:\/\/(?:open-workflow-specification\.org|serverlessworkflow\.io)(\/.*)$/.exec(type);
  const path = match?.[1];
  if (path === undefined) return type;
  const name = /^\/(?:dsl\/errors\/types|spec\/[\d.]+\/errors)\/([a-z]+)$/.exec(path)?.[1];
  return name !== undefined && Object.hasOwn(STANDARD, name) ? `${STANDARD_TYPES}${name}` : `https://${HOST}${path}`;
}

/** The code by which a run's record names an error: `workflow.timeout`, or the last part of its type. */
export function codeOf({ type }: WorkflowError): string {
  const name = canonical(type);
  if (name.startsWith(STANDARD_TYPES)) return `workflow.${name.slice(STANDARD_TYPES.length)}`;
  return name.startsWith(OWN_TYPES) ? name.slice(OWN_TYPES.length) : 'workflow.raised';
}

/** An error as a run's record has it. */
export function runErrorOf({ error }: Fault): RunError {
  const { detail, title, instance } = error;
  return { code: codeOf(error), message: detail ?? title, path: instance, ...error };
}
