import { Describe } from '../common/describe.decorator.js';

const PRODUCES = ['application/json', 'application/a2a+json', 'text/event-stream'];

/** An operation as A2A specifies it: the protocol's own documents describe it, ours leave it out. */
export const A2aOperation = (summary: string) =>
  Describe({ summary, answers: {}, produces: PRODUCES, raw: '{}', protocol: 'A2A' });
