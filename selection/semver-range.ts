/** A version's numbers and prerelease parts; build metadata does not take part in order (semver.org 2.0.0, 10). */
interface Version {
  numbers: [number, number, number];
  prerelease: string[];
}
type Comparator = (version: Version) => boolean;

const VERSION = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;
const PARTIAL = /^v?(\d+|[xX*])(?:\.(\d+|[xX*])(?:\.(\d+|[xX*])(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?)?)?$/;
const COMPARATOR = /^(\^|~|>=|<=|>|<|=)?\s*(.+)$/;

/**
 * Whether a semantic version lies in a range: `^1.2.0`, `~1.2`, `>=1 <3`, `1.x`, `1.4.2`, `1.0.0 - 1.9.0`, and `||`
 * between alternatives, as npm reads them. A prerelease is in a range only when the range names one of the same
 * numbers. A range that cannot be read holds nothing.
 */
export function satisfies(version: string, range: string): boolean {
  const parsed = parseVersion(version);
  if (!parsed) return false;
  return range.split('||').some((alternative) => holds(parsed, alternative.trim()));
}

/** Whether the text is a range that `satisfies` can read. */
export function isRange(range: string): boolean {
  return range.split('||').every((alternative) => comparatorsOf(alternative.trim()) !== undefined);
}

/** Order of semantic versions: negative when `a` is older (semver.org 2.0.0, 11). Versions that are none come first. */
export function compareVersions(a: string, b: string): number {
  const left = parseVersion(a);
  const right = parseVersion(b);
  if (!left || !right) return Number(left !== undefined) - Number(right !== undefined);
  return compare(left, right);
}

function holds(version: Version, alternative: string): boolean {
  const parsed = comparatorsOf(alternative);
  if (!parsed) return false;
  if (!parsed.comparators.every((comparator) => comparator(version))) return false;
  if (version.prerelease.length === 0) return true;
  return parsed.prereleases.some((named) => named.every((number, index) => number === version.numbers[index]));
}

function comparatorsOf(
  alternative: string,
): { comparators: Comparator[]; prereleases: Version['numbers'][] } | undefined {
  const hyphen = /^(\S+)\s+-\s+(\S+)$/.exec(alternative);
  const text = hyphen ? `>=${hyphen[1]} <=${hyphen[2]}` : alternative;
  const words = text.replaceAll(/(\^|~|>=|<=|>|<|=)\s+/g, '$1').split(/\s+/);
  const prereleases: Version['numbers'][] = [];
  const comparators: Comparator[] = [];
  for (const word of words) {
    const comparator = word === '' ? () => true : comparatorOf(word, prereleases);
    if (!comparator) return undefined;
    comparators.push(comparator);
  }
  return { comparators, prereleases };
}

function comparatorOf(word: string, prereleases: Version['numbers'][]): Comparator | undefined {
  const [, operator = '', rest = ''] = COMPARATOR.exec(word) ?? [];
  const partial = PARTIAL.exec(rest);
  if (!partial) return undefined;
  const given = partial
    .slice(1, 4)
    .map((part) => (part === undefined || /[xX*]/.test(part) ? undefined : Number(part)));
  const [major, minor, patch] = given;
  const prerelease = partial[4]?.split('.') ?? [];
  const low: Version = { numbers: [major ?? 0, minor ?? 0, patch ?? 0], prerelease };
  if (prerelease.length > 0) prereleases.push(low.numbers);
  const atLeast: Comparator = (version) => compare(version, low) >= 0;
  const before = (numbers: Version['numbers']): Comparator => {
    // The bound's own prereleases belong to the next version, not to this range.
    const bound: Version = { numbers, prerelease: ['0'] };
    return (version) => compare(version, bound) < 0;
  };
  /** The first version after everything that the written numbers cover. */
  const next = nextOf(major, minor, patch);
  const until = (numbers: Version['numbers'] | undefined): Comparator => (numbers ? before(numbers) : () => true);
  switch (operator) {
    case '>=':
      return atLeast;
    case '<':
      return prerelease.length > 0 ? (version) => compare(version, low) < 0 : before(low.numbers);
    case '>':
      if (next === 'exact') return (version) => compare(version, low) > 0;
      return next ? (version) => compare(version, { numbers: next, prerelease: [] }) >= 0 : () => false;
    case '<=':
      return next === 'exact' ? (version) => compare(version, low) <= 0 : until(next);
    case '~':
      return both(atLeast, until(major === undefined ? undefined : nextOf(major, minor, undefined)));
    case '^':
      return both(atLeast, until(caretBound(major, minor, patch)));
    default:
      return next === 'exact' ? (version) => compare(version, low) === 0 : both(atLeast, until(next));
  }
}

const both =
  (first: Comparator, second: Comparator): Comparator =>
  (version) =>
    first(version) && second(version);

type Part = number | undefined;

function nextOf(major: number, minor: Part, patch: undefined): Version['numbers'];
function nextOf(major: Part, minor: Part, patch: Part): Version['numbers'] | 'exact' | undefined;
function nextOf(major: Part, minor: Part, patch: Part): Version['numbers'] | 'exact' | undefined {
  if (major === undefined) return undefined;
  if (minor === undefined) return [major + 1, 0, 0];
  return patch === undefined ? [major, minor + 1, 0] : 'exact';
}

/** The first non-zero number may not change. */
function caretBound(major: Part, minor: Part, patch: Part): Version['numbers'] | undefined {
  if (major === undefined) return undefined;
  if (major > 0 || minor === undefined) return [major + 1, 0, 0];
  if (minor > 0 || patch === undefined) return [0, minor + 1, 0];
  return [0, 0, patch + 1];
}

function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (!match) return undefined;
  return {
    numbers: [Number(match[1]), Number(match[2]), Number(match[3])],
    prerelease: match[4]?.split('.') ?? [],
  };
}

function compare(a: Version, b: Version): number {
  for (let index = 0; index < 3; index++) {
    const difference = (a.numbers[index] as number) - (b.numbers[index] as number);
    if (difference !== 0) return difference;
  }
  return comparePrerelease(a.prerelease, b.prerelease);
}

function comparePrerelease(a: string[], b: string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const left = a[index];
    const right = b[index];
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    if (left === right) continue;
    const [leftIsNumber, rightIsNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (leftIsNumber && rightIsNumber) return Number(left) - Number(right);
    if (leftIsNumber !== rightIsNumber) return leftIsNumber ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
}
