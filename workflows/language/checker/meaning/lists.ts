import { nearest } from '../nearest.js';
import type { Path } from '../problem.js';
import { type Check, namedItems } from './check.js';
import type { Scope } from './scope.js';

const DIRECTIVES = ['continue', 'exit', 'end'];
export const DEFINITION_LIMITS = { branches: 500, tasks: 1_000 } as const;

/** Where a task stands: its list's names are where `then` may lead. */
export interface Around {
  scope: Scope;
  /** Empty among branches: they run side by side. */
  targets: readonly string[];
  areBranches?: true;
}

/** Checks one task; handed in, since tasks hold lists. */
export type CheckTask = (check: Check, task: unknown, path: Path, around: Around) => void;

/** Tasks in order, or side by side. */
export function checkList(
  check: Check,
  list: unknown,
  path: Path,
  scope: Scope,
  checkTask: CheckTask,
  areBranches?: true,
): void {
  const items = namedItems(list);
  const names = items.map(({ name }) => name);
  checkUnique(check, items, path, areBranches ? 'branch' : 'task');
  if (areBranches && items.length > DEFINITION_LIMITS.branches)
    check.report({
      path,
      at: 'key',
      code: 'too-many-branches',
      message: `has ${items.length} branches; at most ${DEFINITION_LIMITS.branches} are allowed`,
    });
  for (const { index, name, value } of items) {
    const at = [...path, index, name];
    check.tasks += 1;
    if (check.tasks === DEFINITION_LIMITS.tasks + 1)
      check.report({
        path: at,
        at: 'key',
        code: 'too-many-tasks',
        message: `is one task too many: a definition has at most ${DEFINITION_LIMITS.tasks}`,
      });
    if (DIRECTIVES.includes(name)) {
      const message = `"${name}" is what then may say: a task needs another name`;
      check.report({ path: at, at: 'key', code: 'reserved-name', message });
    }
    const around: Around = areBranches ? { scope, targets: [], areBranches } : { scope, targets: names };
    checkTask(check, value, at, around);
  }
}

export function checkUnique(check: Check, items: ReturnType<typeof namedItems>, path: Path, what: string): void {
  const seen = new Set<string>();
  for (const { index, name } of items) {
    if (seen.has(name)) {
      const message = `there is another ${what} "${name}" in this list: names are unique`;
      check.report({ path: [...path, index, name], at: 'key', code: 'duplicate-name', message });
    }
    seen.add(name);
  }
}

/** `then`: a directive, or a task of the same list. */
export function checkTarget(check: Check, target: unknown, path: Path, { targets, areBranches }: Around): void {
  if (typeof target !== 'string' || DIRECTIVES.includes(target) || targets.includes(target)) return;
  const message = areBranches
    ? `no way leads from branch to branch: they run side by side, so "${target}" is no target`
    : `no task "${target}" here`;
  const allowed = [...targets, ...DIRECTIVES];
  const didYouMean = nearest(target, allowed);
  check.report({
    path,
    code: 'unknown-target',
    message,
    allowed,
    ...(didYouMean === undefined ? {} : { didYouMean }),
  });
}
