/** Who takes part in a pattern, as its parameters say. */
export interface Member {
  /** Where it stands in the parameters. */
  path: (string | number)[];
  name: string;
  /** What it does there. */
  role: string;
  /** The parameters of the pattern that it is itself. */
  inner?: { pattern: string; with: unknown };
}

export interface Members {
  members: Member[];
  /** Each follows the one before it. */
  inOrder: boolean;
}

type Fields = Record<string, unknown>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const itemsOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** One that has a field of its own, and what it does. */
const SINGLE: Readonly<Record<string, string>> = {
  manager: 'manages',
  planner: 'plans',
  plan: 'plans',
  task: 'bids, and does it',
  worker: 'for each item',
  branch: 'for each item',
  voters: 'votes',
  maker: 'makes',
  control: 'says who acts',
  aggregate: 'puts together',
  reduce: 'puts together',
  synthesize: 'puts together',
  prioritise: 'orders',
  conflict: 'settles conflicts',
  cleaner: 'clears away',
};
/** Several in a list. */
const LISTS: Readonly<Record<string, string>> = {
  steps: '',
  branches: 'branch',
  sources: 'source',
  targets: 'hands on',
  participants: 'speaks',
  checkers: 'checks',
  members: 'member',
  candidates: 'one of them',
  voters: 'votes',
  agents: '',
};
/** Fields that hold members of their own. */
const AROUND = ['makerChecker', 'tree', 'team'];

/** The members of a pattern in the order of its parameters. A single agent call has none: it is its own member. */
export function membersOf(pattern: string, parameters: unknown): Members {
  const inOrder = pattern === 'sequential';
  return { inOrder, members: pattern === 'agent' ? [] : within(parameters, []) };
}

function within(parameters: unknown, path: (string | number)[]): Member[] {
  const fields = fieldsOf(parameters);
  const found: Member[] = [];
  for (const [key, value] of Object.entries(fields)) {
    const at = [...path, key];
    if (AROUND.includes(key)) found.push(...within(value, at));
    else if (Array.isArray(value) && Object.hasOwn(LISTS, key))
      found.push(
        ...itemsOf(value).flatMap((item, index) => memberOf(item, [...at, index], roleOf(item, LISTS[key] ?? ''))),
      );
    else if (Object.hasOwn(SINGLE, key)) {
      const members = memberOf(value, at, roleOf(value, SINGLE[key] ?? ''));
      found.push(...(members.length > 0 ? members : within(value, at)));
    }
  }
  const { capability, agent, count } = fields;
  const own = found.length === 0 ? (agent ?? capability) : undefined;
  if (typeof own === 'string')
    found.push({ path, name: own, role: typeof count === 'number' ? `${count} of them` : '' });
  return found;
}

function memberOf(value: unknown, path: (string | number)[], role: string): Member[] {
  if (typeof value === 'string') return path.includes('agents') ? [{ path, name: value, role }] : [];
  const { name, agent, capability, pattern, call, with: inner, team } = fieldsOf(value);
  if (team !== undefined) return within(team, [...path, 'team']);
  const nested = typeof pattern === 'string' ? pattern : typeof call === 'string' ? call : undefined;
  const said = [name, agent, capability, nested].find((word) => typeof word === 'string');
  if (typeof said !== 'string') return [];
  return [{ path, name: said, role, ...(nested === undefined ? {} : { inner: { pattern: nested, with: inner } }) }];
}

/** When it acts is what tells members apart. */
function roleOf(value: unknown, role: string): string {
  const { when, skipIf, count } = fieldsOf(value);
  if (typeof when === 'string') return `when ${when}`;
  if (typeof skipIf === 'string') return `unless ${skipIf}`;
  return typeof count === 'number' ? `${count}: ${role}` : role;
}
