import type { MakerChecker } from '../../contracts/group-chat.js';
import type { Json } from '../../contracts/json.js';

/** jq: `[approve, reasons]` of a checker's decision, null of one that is neither yes nor no. */
export const REVIEW = `if type == "boolean" then [., []]
  elif type == "object" and (.approve | type) == "boolean"
  then [.approve, ([.reason, .reasons] | flatten | map(select(type == "string") | .[0:1000]) | .[0:20])]
  else null end`;

/** `approve` is null when the checker gave no verdict: it failed, or answered neither yes nor no. */
export interface Review {
  by: string;
  approve: boolean | null;
  reasons: string[];
}

/** A verdict from what `REVIEW` finds in a decision; agents are not trusted to keep to its shape. */
export function readReview(by: string, found: Json): Review {
  const [approve, reasons] = Array.isArray(found) ? found : [];
  if (typeof approve !== 'boolean') return { by, approve: null, reasons: ['gave no verdict'] };
  const texts = Array.isArray(reasons) ? reasons.filter((reason) => typeof reason === 'string') : [];
  return { by, approve, reasons: texts };
}

export const neededApprovals = ({ pass, checkers }: Pick<MakerChecker, 'pass' | 'checkers'>): number =>
  pass === 'all' ? checkers.length : pass.quorum;

/** No verdict is no approval. `silent`: nobody gave one, so that another revision would be made blindly. */
export function judgeReviews(reviews: Review[], needed: number): 'approved' | 'rejected' | 'silent' {
  if (reviews.filter(({ approve }) => approve === true).length >= needed) return 'approved';
  return reviews.every(({ approve }) => approve === null) ? 'silent' : 'rejected';
}
