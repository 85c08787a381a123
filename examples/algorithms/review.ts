/** A file of a change, as GitHub compares two branches. */
export interface ChangedFile {
  path: string;
  additions: number;
  deletions: number;
  patch: string;
}

export type Verdict = 'approve' | 'request changes';

export interface Review {
  vote: Verdict;
  reason: string;
}

const MANY_LINES = 400;
const HAZARDS = /^\+.*(\beval\(|password\s*=|BEGIN [A-Z ]*PRIVATE KEY|rejectUnauthorized: false)/m;
const SOURCE = /\.(ts|js|py|go|java|rs)$/;
const TEST = /(^|[/._-])(test|spec)s?[/._-]/i;

/** Whether somebody can read it in one go. */
export function reviewSize(files: ChangedFile[]): Review {
  const lines = files.reduce((sum, { additions, deletions }) => sum + additions + deletions, 0);
  return lines > MANY_LINES ? wants(`${lines} lines are too many for one look`) : fine(`${lines} lines`);
}

/** Whether code that changes comes with a test that changes. */
export function reviewTests(files: ChangedFile[]): Review {
  const sources = files.filter(({ path }) => SOURCE.test(path) && !TEST.test(path));
  const isTested = sources.length === 0 || files.some(({ path }) => TEST.test(path));
  return isTested ? fine('tests change with the code') : wants(`no test for ${sources[0]?.path}`);
}

/** Whether a line is added that opens a door. */
export function reviewHazards(files: ChangedFile[]): Review {
  const hazardous = files.find(({ patch }) => HAZARDS.test(patch));
  return hazardous ? wants(`a hazard in ${hazardous.path}`) : fine('nothing dangerous');
}

/** Who found nothing joins those who found something, and says why. */
export function heed(own: Review, others: { vote: unknown; reason?: string | undefined }[]): Review {
  if (own.vote === 'request changes') return own;
  const found = others.find(({ vote }) => vote === 'request changes');
  return found ? wants(found.reason ?? 'another reviewer found something') : own;
}

const fine = (reason: string): Review => ({ vote: 'approve', reason });
const wants = (reason: string): Review => ({ vote: 'request changes', reason });
