import { patched } from '@temporalio/workflow';
import type { Definition } from '../../../contracts/definition.js';
import type { Task } from '../../../contracts/definition-tasks.js';
import type { Json } from '../../../contracts/json.js';
import type { Value } from '../../../contracts/values.js';
import { addressOf } from './call-parts.js';
import { rawAddress } from './catalogue-address.js';
import { fault } from './fault.js';
import type { Interpretation } from './interpretation.js';
import type { TaskPlace } from './place.js';
import { resourceOf } from './resources.js';

/** `convert:1.0.0@tools`: a function of a catalogue in `use.catalogs`. */
const CATALOGUED = /^([\w.-]+)(?::([\w.+-]+))?@([\w-]+)$/;
const URL_CALLED = /^[a-z][a-z+.-]*:\/\//i;

/**
 * Whether a call names a function at a URL, or one of another catalogue than the installation's, which a definition may
 * have of the name `default`, too.
 */
export function isOutside(call: string, { use }: Definition): boolean {
  if (URL_CALLED.test(call)) return true;
  const catalogue = CATALOGUED.exec(call)?.[3];
  if (catalogue !== 'default') return catalogue !== undefined;
  // Runs that began before this was heeded go on without it.
  return use?.catalogs?.['default'] !== undefined && patched('2026-11-own-default');
}

/** The task that such a function is: what its document said when the run first read it. */
export async function outsideFunction(
  run: Interpretation,
  place: TaskPlace,
  call: string,
  input: Value,
): Promise<Task> {
  if (URL_CALLED.test(call)) return taskOf(await resourceOf(run, place, 'function', { uri: call }));
  const [, name, version, catalogue = 'default'] = CATALOGUED.exec(call) ?? [];
  const found = run.definition.use?.catalogs?.[catalogue];
  if (!found)
    throw fault('configuration', place.pointer, { detail: `there is no catalogue ${catalogue} in use.catalogs` });
  if (version === undefined)
    throw fault('configuration', place.pointer, { detail: `${call} needs a version: ${name}:1.0.0@${catalogue}` });
  const { endpoint } = found;
  const root = rawAddress(await addressOf(run, place, endpoint, input));
  const uri = `${root}/functions/${name}/${version}/function.yaml`;
  return taskOf(await resourceOf(run, place, 'function', { uri, endpoint }));
}

const taskOf = ({ document }: { document: Json }): Task => document as unknown as Task;
