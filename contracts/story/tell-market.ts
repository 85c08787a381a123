import type { EventData } from '../events.js';
import { listOf, type Loose, namesOf, numberOf, recordOf, textOf } from './loose.js';
import { count, duration, money, percent, shorten } from './words.js';

const SHOWN_REASONS = 3;
const LONGEST_REASON = 60;

/** One round of bidding; who did not bid, and why. */
export function tellBids({ scores, rule }: Loose): string {
  const replies = listOf(scores).map(recordOf);
  const offers = replies.filter(({ status }) => status === 'offer');
  const others = replies.filter(({ status }) => status !== 'offer');
  const round = /round (\d+)/.exec(textOf(rule))?.[1];
  const head = round === undefined || round === '1' ? '' : `round ${round}: `;
  const why = others.map(({ agent, status, reason, price }) => {
    const amount = numberOf(price);
    const said = textOf(reason) || (status === 'too_high' && amount !== undefined ? `asked ${money(amount)}` : '');
    return `${textOf(agent)} ${textOf(status).replace('_', ' ')}${said ? `: ${shorten(said, LONGEST_REASON)}` : ''}`;
  });
  const more = why.length > SHOWN_REASONS ? [`and ${why.length - SHOWN_REASONS} more`] : [];
  const reasons = [...why.slice(0, SHOWN_REASONS), ...more].join('; ');
  return `${head}${offers.length} of ${count(replies.length, 'agent')} bid${reasons ? ` (${reasons})` : ''}`;
}

/** Who won, at which offer, and what it is paid. */
export function tellAward({ scores, chosen }: Loose): string {
  const { price, offered, runnersUp, nextOffered, share } = recordOf(scores);
  const paid = numberOf(price) ?? 0;
  const offer = numberOf(offered) ?? paid;
  // Runners-up are told by their scores, which are prices unless the run says otherwise.
  const next = nextOffered ?? listOf(runnersUp)[0];
  const part = numberOf(share);
  if (part !== undefined) {
    const whole = `${money(offer)} for the whole`;
    return `${textOf(chosen)} won ${percent(part)} of it at ${whole}, paid ${money(paid)}`;
  }
  const winner = `${textOf(chosen)} won at ${money(offer)}`;
  if (paid !== offer) return `${winner}, paid ${money(paid)}, the ${paid === next ? 'second-best offer' : 'reserve'}`;
  return typeof next === 'number' ? `${winner}; the second-best offer was ${money(next)}` : `${winner}, alone`;
}

export function tellTooFewBids({ rule, chosen }: Loose): string {
  if (rule !== 'raiseReserve') return 'too few bids: everyone is asked';
  const reserve = numberOf(chosen);
  return `too few bids: ${reserve === undefined ? 'they are asked again' : `the reserve rises to ${money(reserve)}`}`;
}

export const tellEligible = ({ candidates, chosen }: Loose): string =>
  `${namesOf(chosen).length} of ${count(namesOf(candidates).length, 'agent')} may bid`;

/** Promise against reality. */
export function tellSettlement({ agent, outcome, promised, real, error }: EventData['market.settled']): string {
  const took = `${duration(real.elapsedMs)} of the ${duration(promised.etaMs)} it had promised`;
  const cost = real.costUsd === null ? '' : `, at a cost of ${money(real.costUsd)}`;
  switch (outcome) {
    case 'kept':
      return `${agent} kept its promise: it took ${took}${cost}`;
    case 'late':
      return `${agent} was late: it took ${took}${cost}`;
    case 'defaulted':
      return `${agent} defaulted: ${error?.message ?? 'no reason given'}`;
    case 'canceled':
      return `${agent} was stopped`;
    default:
      return `${agent}: ${String(outcome)}`;
  }
}
