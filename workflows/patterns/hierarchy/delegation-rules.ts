import type { Json } from '../../../contracts/json.js';

/** jq: what a manager hands out, without the inputs, which may be large and are read when a subtask starts. */
export const SKELETON = `if type == "object" then {
    isDone: has("output"),
    subtasks: (.subtasks | if type == "array" then map(if type == "object" then
      {id, capability, agent, team: (.team | if type == "object" then {capability, agent} else . end), weight, hasInput: has("input")}
      else null end) else . end)
  } else null end`;

/** jq: the input of the subtask at this position. */
export const inputAt = (index: number): string => `.subtasks[${index}].input`;

/** Exactly one of them is given. */
export interface Target {
  capability?: string;
  agent?: string;
}

export interface Delegated {
  id: string;
  /** Of the worker, or of the team's manager. */
  to: Target;
  isTeam: boolean;
  weight: number;
  hasInput: boolean;
  /** Its position in the manager's answer. */
  index: number;
}

export type Delegation = { isDone: true } | { subtasks: Delegated[] } | { errors: string[] };

const NAME = /^[A-Za-z0-9._-]{1,128}$/;
const SHAPE = '{"subtasks": [{id, capability | agent | team: {capability | agent}, input?, weight?}]} or {"output": …}';
const SHOWN_ERRORS = 20;
/** More than any cap lets through: what is beyond is not read. */
const MOST_SUBTASKS = 1_000;

/** What a manager decided, or why it cannot be done. `allow` undefined: whoever is registered. */
export function readDelegation(found: Json | undefined, allow: readonly string[] | undefined): Delegation {
  if (found === undefined) return { errors: ['the decision is too large: 32 KiB without the inputs'] };
  if (!isObject(found)) return { errors: [`the decision must be ${SHAPE}`] };
  const { isDone, subtasks } = found;
  if (isDone === true) return { isDone };
  if (!Array.isArray(subtasks) || subtasks.length === 0) return { errors: [`the decision must be ${SHAPE}`] };
  const errors: string[] = [];
  const read = subtasks.slice(0, MOST_SUBTASKS).flatMap((subtask, index) => readSubtask(subtask, index, allow, errors));
  const ids = read.map(({ id }) => id);
  for (const id of new Set(ids.filter((other, at) => ids.indexOf(other) !== at)))
    errors.push(`subtask ${id}: the id is given twice`);
  return errors.length > 0 ? { errors: errors.slice(0, SHOWN_ERRORS) } : { subtasks: read };
}

function readSubtask(
  subtask: Json,
  index: number,
  allow: readonly string[] | undefined,
  errors: string[],
): Delegated[] {
  const at = `subtask ${index + 1}`;
  if (!isObject(subtask)) {
    errors.push(`${at} must be an object`);
    return [];
  }
  const { id, team = null, weight, hasInput } = subtask;
  const before = errors.length;
  if (typeof id !== 'string' || !NAME.test(id))
    errors.push(`${at}: id must be 1 to 128 characters of A-Z a-z 0-9 . _ -`);
  const isTeam = team !== null;
  const to = readTarget(isTeam ? team : subtask);
  if (!to) errors.push(`${at}: needs exactly one of capability, agent and team`);
  else if (allow && !allow.includes(nameOf(to))) errors.push(`${at}: ${nameOf(to)} is not one of ${allow.join(', ')}`);
  if (isTeam && (isGiven(subtask.capability) || isGiven(subtask.agent)))
    errors.push(`${at}: a team is led by the manager in it, not beside it`);
  const isWeight = weight === null || (typeof weight === 'number' && weight > 0 && Number.isFinite(weight));
  if (!isWeight) errors.push(`${at}: weight must be a number above 0`);
  if (errors.length > before || !to) return [];
  return [{ id: id as string, to, isTeam, weight: Number(weight ?? 1), hasInput: hasInput === true, index }];
}

/** What a manager says of a subtask in trouble. */
export type Ruling = { reassign: Target | undefined; hasInput: boolean } | { accept: true } | { giveUp: string };

/** jq: a ruling without the new input. */
export const RULING = `if type == "object" then {
    reassign: (.reassign | if type == "object" then {capability, agent} else . end),
    hasInput: has("input"), accept, giveUp
  } else null end`;

/** `{reassign: true | {capability | agent}, input?}`, `{accept: true}` or `{giveUp: reason}`; undefined for all else. */
export function readRuling(found: Json | undefined, allow: readonly string[] | undefined): Ruling | undefined {
  if (!isObject(found)) return undefined;
  const { reassign, hasInput, accept, giveUp } = found;
  if (typeof giveUp === 'string') return { giveUp: giveUp.slice(0, 1_000) };
  if (accept === true) return { accept };
  if (reassign === true) return { reassign: undefined, hasInput: hasInput === true };
  const to = readTarget(reassign);
  if (!to || (allow && !allow.includes(nameOf(to)))) return undefined;
  return { reassign: to, hasInput: hasInput === true };
}

export const nameOf = ({ capability, agent }: Target): string => capability ?? agent ?? '';

function readTarget(found: Json | undefined): Target | undefined {
  if (!isObject(found)) return undefined;
  const { capability, agent } = found;
  if (isGiven(capability) === isGiven(agent)) return undefined;
  const name = capability ?? agent;
  if (typeof name !== 'string' || !NAME.test(name)) return undefined;
  return isGiven(capability) ? { capability: name } : { agent: name };
}

const isGiven = (field: Json | undefined): boolean => field !== undefined && field !== null;
const isObject = (json: Json | undefined): json is Record<string, Json> =>
  json !== null && typeof json === 'object' && !Array.isArray(json);
