import { nearest } from '../nearest.js';
import type { Path, ProblemCode } from '../problem.js';
import type { Check } from './check.js';

const SECTIONS = {
  retries: ['unknown-retry', 'retry policy'],
  timeouts: ['unknown-timeout', 'timeout'],
  errors: ['unknown-error', 'error'],
  authentications: ['unknown-authentication', 'authentication'],
  catalogs: ['unknown-catalog', 'catalogue'],
} as const satisfies { [section: string]: readonly [ProblemCode, string] };

/** A name that stands for something in `use`; anything but a text is no reference. */
export function checkReference(check: Check, section: keyof typeof SECTIONS, name: unknown, path: Path): void {
  const known = check.use[section] ?? {};
  if (typeof name !== 'string' || Object.hasOwn(known, name)) return;
  const [code, what] = SECTIONS[section];
  reportUnknown(check, path, code, `no ${what} "${name}" in use.${section}`, name, Object.keys(known));
}

export function checkSecret(check: Check, name: unknown, path: Path): void {
  if (typeof name !== 'string' || check.secrets.includes(name)) return;
  reportUnknown(check, path, 'unknown-secret', `no secret "${name}" in use.secrets`, name, check.secrets);
}

export function reportUnknown(
  check: Check,
  path: Path,
  code: ProblemCode,
  message: string,
  name: string,
  allowed: readonly string[],
): void {
  const didYouMean = nearest(name, allowed);
  check.report({ path, code, message, allowed, ...(didYouMean === undefined ? {} : { didYouMean }) });
}
